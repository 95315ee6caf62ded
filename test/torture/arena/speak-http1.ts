import type { Duplex } from 'node:stream';
import type { Stage } from './arena.ts';
import { readPath } from './place.ts';
import { play } from './play.ts';

const HEAD_END = Buffer.from('\r\n\r\n');

/** Answers HTTP/1.1 requests on a connection, one after the other, each as its case says. */
export function speakHttp1(socket: Duplex, stage: Stage): void {
  let held: Buffer = Buffer.alloc(0);
  let busy = false;
  let over = false;
  const next = async (): Promise<void> => {
    const end = held.indexOf(HEAD_END);
    if (busy || over || end < 0) return;
    const head = held.toString('latin1', 0, end);
    held = held.subarray(end + HEAD_END.length);
    busy = true;
    over = !(await answer(socket, stage, head));
    busy = false;
    next();
  };
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    next();
  });
}

async function answer(socket: Duplex, stage: Stage, head: string): Promise<boolean> {
  const path = readPath(/^GET (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? '');
  const played = path === null ? undefined : stage.case(path.number);
  // Of a case before this one, or no request of ours: nothing may hang on it.
  if (path === null || played?.scene.http1 === undefined) {
    socket.destroy();
    return false;
  }
  const { number, ask, rest } = path;
  const heard = stage.listener(number);
  heard(`asked for ${rest === '' ? ask : ask + rest}`);
  return play(socket, played.scene.http1(ask, rest, stage.times(number, ask, rest)), heard);
}
