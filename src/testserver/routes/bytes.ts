import { randomBytes, randomInt } from 'node:crypto';
import { BYTES_TYPE, replyError, typed } from '../answers.ts';
import type { Exchange } from '../exchange.ts';
import { MAX_ANSWER_BODY } from '../limits.ts';
import { wholeNumber } from './parameters.ts';

const FIELDS = typed(BYTES_TYPE);

/** /bytes/1024?seed=1: that many random bytes, the same ones for the same seed. */
export function bytes(exchange: Exchange, [, wanted = '']: readonly string[]): void {
  const count = wholeNumber(wanted);
  if (count === undefined || count < 0 || count > MAX_ANSWER_BODY) {
    replyError(
      exchange,
      400,
      `invalid byte count: ${JSON.stringify(wanted)} not in range [0, ${MAX_ANSWER_BODY}]`,
    );
    return;
  }
  const seed = exchange.query === '' ? null : new URLSearchParams(exchange.query).get('seed');
  exchange.reply(200, FIELDS, seed === null ? someBytes(count) : seededBytes(count, Number(seed)));
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
  let state = seed | 0;
  for (let i = 0; i < count; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    made[i] = (mixed ^ (mixed >>> 14)) >>> 24;
  }
  return made;
}
