import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../case.ts';

/** Hears of every byte that the server says. */
export type Listener = (bytes: Buffer | string) => void;

/** Plays the steps on a connection. false when nothing more is to be said on it. */
export async function play(socket: Duplex, steps: readonly Step[], heard: Listener): Promise<boolean> {
  for (const step of steps) {
    if (socket.destroyed) return false;
    if ('say' in step) await say(socket, step.say, heard);
    else if ('pauseMs' in step) await sleep(step.pauseMs);
    else if ('flood' in step) await flood(socket, step.flood, step.bytes, heard);
    else {
      heard(`(${step.finish})`);
      if (step.finish === 'end') socket.end();
      if (step.finish === 'reset') reset(socket);
      return false;
    }
  }
  return !socket.destroyed;
}

/** Ends a connection with RST, under TLS too. */
export function reset(socket: Duplex): void {
  const under = (socket as { _parent?: unknown })._parent;
  if (under instanceof Socket) under.resetAndDestroy();
  else if (socket instanceof Socket) socket.resetAndDestroy();
  socket.destroy();
}

async function say(socket: Duplex, bytes: Buffer, heard: Listener): Promise<void> {
  if (bytes.length === 0) return;
  heard(bytes);
  if (!socket.write(bytes)) await drained(socket);
  // Each piece is a packet of its own, which the client may read alone.
  else await new Promise((resolve) => setImmediate(resolve));
}

async function flood(socket: Duplex, bytes: Buffer, total: number, heard: Listener): Promise<void> {
  heard(`(${bytes.length} bytes, again and again, ${total} in all)`);
  heard(bytes);
  const batch = Buffer.concat(Array(Math.max(1, Math.floor(16_384 / bytes.length))).fill(bytes));
  for (let sent = 0; sent < total && !socket.destroyed; sent += batch.length) {
    if (!socket.write(batch)) await drained(socket);
    else await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Until there is room again, or the client has gone. */
async function drained(socket: Duplex): Promise<void> {
  if (socket.destroyed) return;
  const gone = new AbortController();
  const { signal } = gone;
  await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(() => {});
  gone.abort();
}
