import http2 from 'node:http2';
import { Duplex } from 'node:stream';
import { ACK, ping, readFrames, settingsAck, TYPE } from '../http2/frames.ts';
import type { Stage } from './arena.ts';
import { readPath } from './place.ts';
import { play } from './play.ts';

const PREFACE_LENGTH = 24;
/** What tells of requests. */
const READ: ReadonlySet<number> = new Set([TYPE.headers, TYPE.continuation, TYPE.settings]);

/**
 * Speaks HTTP/2 on a connection, in frames that its case has written. What the client asks for is read by a session
 * of node:http2 that sees its HEADERS only, and whose own words nobody hears. `number`: the case of the connection,
 * where it has one of its own.
 */
export function speakHttp2(socket: Duplex, stage: Stage, number: number | null): void {
  const scene = number === null ? undefined : stage.case(number)?.scene.http2;
  let held: Buffer = Buffer.alloc(0);
  let began = false;
  let requests = 0;
  // Several answers are written at once.
  socket.setMaxListeners(0);
  const reader = requestReader((streamId, path) => {
    const read = readPath(path);
    const played = read === null ? undefined : stage.case(read.number)?.scene.http2;
    if (read === null || played === undefined) {
      socket.destroy();
      return;
    }
    const heard = stage.listener(read.number);
    heard(`asked for ${read.ask}${read.rest} on stream ${streamId}`);
    play(socket, played.answer(read.ask, read.rest, streamId, requests++), heard);
  });
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    if (!began && held.length >= PREFACE_LENGTH) {
      began = true;
      reader.write(held.subarray(0, PREFACE_LENGTH));
      held = held.subarray(PREFACE_LENGTH);
    }
    if (!began) return;
    const { frames, rest } = readFrames(held);
    held = Buffer.from(rest);
    for (const { type, flags, bytes, payload } of frames) {
      const isAck = (type === TYPE.settings || type === TYPE.ping) && (flags & ACK) !== 0;
      if (READ.has(type) && !isAck) reader.write(bytes);
      if (isAck || scene?.acknowledges === false) continue;
      if (type === TYPE.settings) socket.write(settingsAck());
      if (type === TYPE.ping) socket.write(ping(payload.toString('latin1'), ACK));
    }
  });
  socket.once('close', () => reader.end());
  const heard = number === null ? () => {} : stage.listener(number);
  play(socket, scene?.greeting ?? [], heard);
}

/** Reads the requests out of a client's frames. */
function requestReader(asked: (streamId: number, path: string) => void): {
  write(bytes: Buffer): void;
  end(): void;
} {
  const pipe = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  const session = http2.performServerHandshake(pipe);
  session.on('error', () => {});
  session.on('stream', (stream, fields) => {
    stream.on('error', () => {});
    asked(stream.id!, String(fields[':path']));
  });
  return {
    write: (bytes) => pipe.push(bytes),
    end: () => session.destroy(),
  };
}
