import { add, type Context, finish, type State, start, type Verdict } from '../../src/diagnose/index.ts';
import type { Exchange } from '../../src/trace/index.ts';

/** Times of an exchange in milliseconds; a step that is left out is passed with the one before it. */
export interface Ms {
  readonly wanted: number;
  readonly dispatched?: number;
  readonly connected?: number;
  readonly sent?: number;
  readonly answered?: number;
  readonly read: number;
}

/** A whole exchange, all steps seen. It is read when it is answered, unless said otherwise. */
export function exchange(ms: Ms, given: Partial<Exchange> = {}): Exchange {
  const dispatched = ms.dispatched ?? ms.wanted;
  const connected = ms.connected ?? dispatched;
  const sent = ms.sent ?? connected;
  return {
    kind: 'exchange',
    id: 0,
    origin: 'https://example.com',
    wantedUs: us(ms.wanted),
    dispatchedUs: us(dispatched),
    connectedUs: us(connected),
    sentUs: us(sent),
    answeredUs: us(ms.answered ?? ms.read),
    readUs: us(ms.read),
    error: null,
    ...given,
  };
}

export function us(ms: number): number {
  return Math.round(ms * 1_000);
}

/** `count` of something, each made from its index. */
export function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** What only system calls tell: no wanted, no dispatched. */
export function fromOutside({ wantedUs: _, dispatchedUs: __, ...rest }: Exchange): Exchange {
  return rest;
}

export function folded(exchanges: readonly Exchange[]): State {
  const state = start();
  for (const one of exchanges) add(state, one);
  return state;
}

export function judged(exchanges: readonly Exchange[], context: Context = {}): Verdict {
  return finish(folded(exchanges), context);
}
