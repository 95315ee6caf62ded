import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TraceRecord } from '../../src/trace/index.ts';

/** A trace like that of `abreast get`: 100 connections, and times that no two exchanges share. */
export async function writeTrace(file: string, exchanges: number): Promise<void> {
  await pipeline(Readable.from(linesOf(exchanges)), createWriteStream(file));
}

const CONNECTIONS = 100;

function* linesOf(exchanges: number): Generator<string> {
  const origin = 'https://api.example.com';
  const random = randomNumbers();
  const freeUs = new Float64Array(CONNECTIONS);
  const line = (record: TraceRecord) => `${JSON.stringify(record)}\n`;
  yield line({
    kind: 'run',
    version: 2,
    startedUs: 1_700_000_000_000_000,
    command: ['abreast', 'get', '-f', 'urls.txt'],
    recorders: [
      { name: 'abreast get', version: '1', sees: ['wanted', 'dispatched', 'sent', 'answered', 'read'] },
    ],
    wanted: CONNECTIONS,
  });
  for (let id = 0; id < CONNECTIONS; id++)
    yield line({ kind: 'connection', id, origin, protocol: 'http/1.1' });
  for (let id = 0; id < exchanges; id++) {
    const connection = id % CONNECTIONS;
    const wantedUs = freeUs[connection]!;
    const sentUs = wantedUs + Math.round(random() * 300);
    const answeredUs = sentUs + Math.round(20_000 + random() * 80_000);
    const readUs = answeredUs + Math.round(random() * 2_000);
    freeUs[connection] = readUs + Math.round(random() * 200);
    yield line({
      kind: 'exchange',
      id,
      request: id,
      attempt: 1,
      pid: 4242,
      connection,
      ordinal: Math.floor(id / CONNECTIONS),
      method: 'GET',
      origin,
      url: `${origin}/items/${Math.floor(random() * 1e9)}`,
      wantedUs,
      calledUs: wantedUs,
      dispatchedUs: wantedUs,
      connectedUs: sentUs,
      sentUs,
      answeredUs,
      readUs,
      status: 200,
      bytesDown: Math.round(random() * 50_000),
    });
  }
  yield line({ kind: 'end', endedUs: Math.max(...freeUs), lost: {} });
}

/** The same ones each time (mulberry32). */
function randomNumbers(): () => number {
  let state = 13;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
