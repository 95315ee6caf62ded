import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HOST = '127.0.0.1';
/** Far more than a handshake on loopback takes. */
const SILENCE_MS = 300;
/** The kernel lets in backlog + 1, and drops the SYN of the next. */
const FILLERS = 6;
const PROGRAM = `
const server = require('node:net').createServer();
server.listen({ host: '${HOST}', port: 0, backlog: 1 }, () => console.log(server.address().port));
`;

/** A port that drops every SYN: its process is stopped, and its backlog full. */
export class SilentPort {
  #listener: ChildProcess | null = null;
  readonly #fillers: Socket[] = [];

  /** The port, on 127.0.0.1. @throws Error where the kernel answers all the same */
  async open(): Promise<number> {
    const listener = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#listener = listener;
    const [text] = await once(listener.stdout, 'data');
    listener.kill('SIGSTOP');
    const port = Number(text);
    for (let i = 0; i < FILLERS; i++) if (!(await this.#fill(port))) return port;
    throw new Error(`${HOST}:${port} answers although its backlog is full`);
  }

  close(): void {
    for (const socket of this.#fillers) socket.destroy();
    this.#listener?.kill('SIGKILL');
  }

  async #fill(port: number): Promise<boolean> {
    const socket = connect(port, HOST);
    socket.on('error', () => {});
    this.#fillers.push(socket);
    return Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, SILENCE_MS, false)),
    ]);
  }
}
