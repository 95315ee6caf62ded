import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const given = new Set<number>();

/** A port of 127.0.0.1 that is free now, and was not given before. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  if (given.has(port)) return freePort();
  given.add(port);
  return port;
}

const AGAIN_MS = 20;

/** Waits until somebody listens on the port, for as long as `goesOn`. */
export async function listening(port: number, goesOn: () => boolean): Promise<boolean> {
  while (goesOn()) {
    if (await connects(port)) return true;
    await sleep(AGAIN_MS);
  }
  return false;
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
