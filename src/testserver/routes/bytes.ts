import { randomBytes, randomInt } from 'node:crypto';
import { BYTES_TYPE, typed, untyped } from '../answers.ts';
import { BadRequest, type RouteEntry, type ServerExchange } from '../exchange.ts';
import { MAX_ANSWER_BODY } from '../limits.ts';
import { written } from '../writing.ts';
import { queryOf, wholeNumber } from './parameters.ts';

/** Random bytes. */
export const BYTES: readonly RouteEntry[] = [
  {
    pattern: '/bytes/:count',
    about: '?seed=1: that many random bytes, the same for the same seed',
    route: bytes,
  },
  {
    pattern: '/stream-bytes/:count',
    about: '?chunk_size=10240&seed=1: likewise, in chunks and without a length',
    route: streamBytes,
  },
];

const FIELDS = typed(BYTES_TYPE);
const EMPTY = untyped();

function bytes(exchange: ServerExchange, wanted: string): void {
  const body = bytesOf(wanted, queryOf(exchange));
  exchange.reply(200, body.length === 0 ? EMPTY : FIELDS, body);
}

async function streamBytes(exchange: ServerExchange, wanted: string): Promise<void> {
  const query = queryOf(exchange);
  const chunkSize = wholeNumber('chunk_size', query.get('chunk_size') || '10240', 1, MAX_ANSWER_BODY);
  const all = bytesOf(wanted, query);
  const body = exchange.open(200, FIELDS);
  for (let from = 0; from < all.length; from += chunkSize) {
    if (!(await written(body, all.subarray(from, from + chunkSize)))) return;
  }
  body.end();
}

function bytesOf(wanted: string, query: URLSearchParams): Buffer {
  const count = wholeNumber('byte count', wanted, 0, MAX_ANSWER_BODY);
  const seed = query.get('seed');
  if (seed === null || seed === '') return someBytes(count);
  if (!/^-?\d{1,19}$/.test(seed)) throw new BadRequest(`invalid seed: ${JSON.stringify(seed)}`);
  return seededBytes(count, Number(BigInt.asIntN(32, BigInt(seed))));
}

const POOL = randomBytes(256 * 1024);

/** Random bytes for little: a piece of a pool, from a place of its own each time. */
function someBytes(count: number): Buffer {
  if (count > POOL.length / 2) return randomBytes(count);
  const from = randomInt(POOL.length - count);
  return POOL.subarray(from, from + count);
}

/** Bytes from the seed alone (mulberry32); others than go-httpbin makes of the same seed. */
function seededBytes(count: number, seed: number): Buffer {
  const made = Buffer.allocUnsafe(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    made[i] = (mixed ^ (mixed >>> 14)) >>> 24;
  }
  return made;
}
