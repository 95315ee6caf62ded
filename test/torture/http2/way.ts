import { either, refused, type Step, type Truth, valid } from '../case.ts';
import type { Random } from '../random.ts';
import { data, END_STREAM, type Field, headers } from './frames.ts';

/** One way of an HTTP/2 server: what it says to a request, and what may come of that. */
export interface Way {
  readonly mark: string;
  /** On a connection that has others, whom it may not harm; else alone. */
  readonly harms: 'stream' | 'connection';
  /** It ends in silence, so that time limits have to end it. */
  readonly hasty?: boolean;
  readonly greeting?: (random: Random) => readonly Buffer[];
  readonly acknowledges?: boolean;
  /** It makes sense for one request only. */
  readonly alone?: true;
  answer(stream: number, body: Buffer, random: Random): readonly (Buffer | Step)[];
  truth(body: Buffer): Truth;
}

export const OK: readonly Field[] = [[':status', '200']];

export function ok(stream: number, body: Buffer, extra: readonly Field[] = []): Buffer[] {
  return [headers(stream, [...OK, ...extra]), data(stream, body, END_STREAM)];
}

/** Correct: nothing else may come of it. */
export const whole = (body: Buffer): Truth => valid(200, body);
export const broken = (): Truth => refused('protocol', 'reset', 'body-truncated', 'bad-header');
export const wholeOrBroken = (body: Buffer): Truth => either(whole(body), broken());
export const late = (): Truth => refused('timeout', 'timeout-idle', 'timeout-first-byte', 'timeout-connect');
export const lateOrBroken = (): Truth => either(late(), broken());

/** A head that is unusual. */
export function head(mark: string, truth: (body: Buffer) => Truth, ...heads: (readonly Field[])[]): Way {
  return {
    mark,
    harms: 'stream',
    answer: (stream, body, random) => [headers(stream, random.one(heads)), data(stream, body, END_STREAM)],
    truth,
  };
}

/** Frames before the answer, which are no part of it. */
export function before(
  mark: string,
  harms: Way['harms'],
  truth: (body: Buffer) => Truth,
  frames: (stream: number, random: Random) => readonly (Buffer | Step)[],
): Way {
  return {
    mark,
    harms,
    answer: (stream, body, random) => [...frames(stream, random), ...ok(stream, body)],
    truth,
  };
}
