import type { ErrorCode } from '../../../src/fetch/index.ts';
import type { Random } from '../random.ts';
import type { Draft } from './draft.ts';

/** One way in which an answer is unusual or wrong. */
export interface Oddity {
  /** Its name: the known differences between clients are told by these. */
  readonly mark: string;
  /**
   * 'fine': the answer stands. 'wrong': the answer must be an error, or another answer could be smuggled past a client.
   * 'either': the RFC leaves it to the client.
   */
  readonly effect: 'fine' | 'wrong' | 'either';
  /** The errors that it may be. */
  readonly codes: readonly ErrorCode[];
  readonly fits?: (draft: Draft) => boolean;
  bend(draft: Draft, random: Random): void;
}

export const HEAD: readonly ErrorCode[] = ['bad-header'];
export const BODY: readonly ErrorCode[] = ['bad-body'];

type Effect = Oddity['effect'];

/** A status line instead of the usual one, made of one of these. */
export function statusLine(mark: string, effect: Effect, ...lines: ((draft: Draft) => string)[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    bend: (draft, random) => {
      draft.statusLine = random.one(lines)(draft);
    },
  };
}

/** One of these lines among the fields. */
export function field(mark: string, effect: Effect, ...lines: string[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    bend: (draft, random) => {
      draft.lines.splice(random.below(draft.lines.length + 1), 0, random.one(lines));
    },
  };
}

/** The content-length says one of these instead of the length. */
export function length(mark: string, effect: Effect, ...texts: ((length: number) => string)[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    fits: ({ framing }) => framing === 'length',
    bend: (draft, random) => {
      draft.framingLines = random
        .one(texts)(draft.body.length)
        .split('\n')
        .map((text) => `Content-Length: ${text}`);
    },
  };
}

/** The transfer-encoding says one of these. */
export function coding(mark: string, effect: Effect, ...texts: string[]): Oddity {
  return {
    mark,
    effect,
    codes: HEAD,
    fits: ({ framing, version }) => framing === 'chunked' && version === '1.1',
    bend: (draft, random) => {
      draft.framingLines = [`Transfer-Encoding: ${random.one(texts)}`];
    },
  };
}

/** One of the chunks is bent. */
export function chunk(
  mark: string,
  effect: Effect,
  bend: (chunk: Draft['chunks'][number], random: Random) => void,
  codes = BODY,
): Oddity {
  return {
    mark,
    effect,
    codes,
    fits: ({ chunks }) => chunks.length > 0,
    bend: (draft, random) => bend(random.one(draft.chunks), random),
  };
}

/** What follows the last chunk's data is bent. */
export function trailer(
  mark: string,
  effect: Effect,
  part: 'lastChunk' | 'trailers' | 'trailerEnd',
  ...texts: string[]
): Oddity {
  return {
    mark,
    effect,
    codes: part === 'trailers' || effect !== 'wrong' ? BODY : ['bad-body', 'body-truncated'],
    fits: ({ framing }) => framing === 'chunked',
    bend: (draft, random) => {
      draft[part] = random.one(texts);
    },
  };
}

/** The status of the answer, as it is written. */
export const code = ({ status }: Draft) => String(status);
