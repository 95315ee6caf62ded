import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** Far more than a handshake on loopback takes. */
const SILENCE_MS = 300;
/** The kernel lets in backlog + 1, and drops the SYN of the next. */
const FILLERS = 6;

/**
 * Makes an address dead as far as TCP goes: a process listens there with the shortest backlog, is stopped, and its
 * backlog filled, so that the kernel drops every further SYN.
 * @throws Error where the kernel answers all the same
 */
export async function deadAddress(t: TestContext, address: string, port: number): Promise<void> {
  const program = `require('net').createServer().listen({ host: '${address}', port: ${port}, backlog: 1 }, () => console.log('up'))`;
  const listener = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const fillers: Socket[] = [];
  t.after(() => {
    for (const socket of fillers) socket.destroy();
    listener.kill('SIGKILL');
  });
  await once(listener.stdout, 'data');
  listener.kill('SIGSTOP');
  for (let i = 0; i < FILLERS; i++) {
    const socket = connect(port, address);
    socket.on('error', () => {});
    fillers.push(socket);
    const answered = await Promise.race([once(socket, 'connect').then(() => true), sleep(SILENCE_MS, false)]);
    if (!answered) return;
  }
  throw new Error(`${address}:${port} answers although its backlog is full`);
}
