import { Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';

/** Writes as fast as the client takes it. False: the client is gone, and nothing more need be written. */
export async function written(stream: Writable, chunk: string | Buffer): Promise<boolean> {
  if (stream.destroyed) return false;
  if (stream.write(chunk)) return true;
  await new Promise<void>((resolve) => {
    stream.once('drain', go);
    stream.once('close', go);
    function go() {
      stream.off('drain', go);
      stream.off('close', go);
      resolve();
    }
  });
  return !stream.destroyed;
}

/** Where the body of an answer goes that has none, or whose client is gone: over before it begins. */
export function nowhere(): Writable {
  return new Writable().destroy();
}

/** Waits without keeping a process alive whose server was closed. */
export async function pause(ms: number): Promise<void> {
  if (ms > 0) await wait(ms, undefined, { ref: false });
}
