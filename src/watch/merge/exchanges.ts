import type { Exchange } from '../../trace/index.ts';

/** Two clocks of one machine, and the time between a call and its record, are this far apart at most. */
const TOLERANCE_US = 2_000;

/** What has become of the exchanges of two recorders. */
export interface Joined {
  readonly exchanges: Exchange[];
  /** Times moved so that steps stand in order. */
  clamped: number;
  /** Exchanges that both saw, and differently: one of the two was left out. */
  unjoined: number;
  /** Exchanges whose end only the system calls saw. */
  endsUnseen: number;
}

/**
 * The exchanges of one connection, as seen from inside the program and from its system calls: the n-th of the one is
 * the n-th of the other, unless their times say otherwise. Inside knows what was wanted and when; the system calls
 * know what was sent and read.
 */
export function joinExchanges(
  inside: readonly Exchange[],
  outside: readonly Exchange[],
  connection: number,
  joined: Joined,
): void {
  const left = new Set(inside.length === 0 ? outside : outside.filter((other) => !isEstimate(other)));
  const alone: Exchange[] = [];
  for (const one of inside) {
    const other = partnerOf(one, outside, left);
    if (other === undefined) alone.push(one);
    else {
      left.delete(other);
      joined.exchanges.push(united(one, other, joined));
    }
  }
  for (const one of alone) joined.exchanges.push({ ...one, connection });
  const twice = Math.min(alone.filter(isSent).length, left.size);
  joined.unjoined += twice;
  joined.exchanges.push(...[...left].slice(twice));
}

/** Of HTTP/2, from the records that carried it: the inside knows better. */
function isEstimate({ estimated }: Exchange): boolean {
  return estimated?.includes('sentUs') ?? false;
}

function isSent({ sentUs }: Exchange): boolean {
  return typeof sentUs === 'number';
}

/** The one with the same place on the connection, if it can be; else the nearest in time that can. */
function partnerOf(
  one: Exchange,
  outside: readonly Exchange[],
  left: ReadonlySet<Exchange>,
): Exchange | undefined {
  if (one.method === 'CONNECT') return undefined;
  const same = typeof one.ordinal === 'number' ? outside[one.ordinal] : undefined;
  if (same !== undefined && left.has(same) && canBe(one, same)) return same;
  let best: Exchange | undefined;
  for (const other of left) {
    if (!canBe(one, other)) continue;
    if (best === undefined || apartUs(one, other) < apartUs(one, best)) best = other;
  }
  return best;
}

/** Whether the steps that only one of them saw stand in order with those of the other. */
function canBe(one: Exchange, other: Exchange): boolean {
  const sentUs = other.sentUs ?? 0;
  const lastUs = one.readUs ?? one.failedUs ?? Infinity;
  return before(one) <= sentUs + TOLERANCE_US && sentUs <= lastUs + TOLERANCE_US;
}

/** The last step that only the inside sees. */
function before({ dispatchedUs, calledUs, wantedUs }: Exchange): number {
  return dispatchedUs ?? calledUs ?? wantedUs ?? -Infinity;
}

function apartUs(one: Exchange, other: Exchange): number {
  return Math.abs((one.sentUs ?? one.dispatchedUs ?? 0) - (other.sentUs ?? 0));
}

const STEPS = ['wantedUs', 'calledUs', 'dispatchedUs'] as const;

function united(one: Exchange, other: Exchange, joined: Joined): Exchange {
  const sentUs = other.sentUs!;
  const steps: { -readonly [Step in keyof Exchange]?: Exchange[Step] | undefined } = {};
  for (const step of STEPS) {
    const time = one[step];
    steps[step] = time === null ? undefined : time;
    if (typeof time !== 'number' || time <= sentUs) continue;
    steps[step] = sentUs;
    joined.clamped++;
  }
  // Only the first exchange waits for its connection; it may be dispatched to one that is open.
  const connectedUs = typeof other.connectedUs === 'number' ? other.connectedUs : one.connectedUs;
  if (typeof connectedUs === 'number')
    steps.connectedUs = Math.min(sentUs, Math.max(connectedUs, steps.dispatchedUs ?? connectedUs));
  const end = endOf(one, other);
  if (one.readUs === null && one.failedUs === undefined && typeof end.readUs === 'number')
    joined.endsUnseen++;
  return { ...one, ...steps, ...fromOutside(one, other, end), ...end } as Exchange;
}

type Ending = {
  -readonly [Field in 'readUs' | 'failedUs' | 'error' | 'unread']?: Exchange[Field] | undefined;
};

/**
 * When an exchange ended. An answer whose body nobody reads ends as its last byte is taken from the kernel, or its
 * connection is used again or closed: nobody failed.
 */
function endOf(one: Exchange, other: Exchange): Ending {
  if (one.readUs !== null) return { readUs: other.readUs ?? one.readUs };
  const isWhole = typeof other.readUs === 'number' && !other.estimated?.includes('readUs');
  if (one.error === CLOSED_UNREAD)
    return {
      readUs: isWhole ? other.readUs : one.failedUs,
      failedUs: undefined,
      error: undefined,
      unread: true,
    };
  if (typeof one.error === 'string') return { readUs: null };
  if (isWhole) return { readUs: other.readUs, ...(typeof one.answeredUs === 'number' && { unread: true }) };
  return other.failedUs === undefined
    ? { readUs: null }
    : { readUs: null, failedUs: other.failedUs, error: other.error };
}

/** What probes say of an answer that its program closed. */
const CLOSED_UNREAD = 'closed before the body was read';

/** What the system calls know better. Where they could not tell the answer's first byte, the inside is asked. */
function fromOutside(one: Exchange, other: Exchange, { readUs }: Ending): Partial<Exchange> {
  const isGuessed = other.estimated?.includes('answeredUs') ?? false;
  const answeredUs = isGuessed && typeof one.answeredUs === 'number' ? one.answeredUs : other.answeredUs;
  return {
    connection: other.connection!,
    ordinal: other.ordinal!,
    sentUs: other.sentUs!,
    answeredUs:
      typeof readUs === 'number' && typeof answeredUs === 'number'
        ? Math.min(answeredUs, readUs)
        : answeredUs!,
    bytesUp: other.bytesUp!,
    bytesDown: other.bytesDown!,
    status: one.status ?? other.status!,
    ...estimates(one, other, isGuessed && answeredUs === other.answeredUs),
  };
}

/** Fields that were inferred by the record whose value is kept. */
function estimates(one: Exchange, other: Exchange, guessed: boolean): Pick<Exchange, 'estimated'> {
  const own = (one.estimated ?? []).filter((name) => !Object.hasOwn(other, name));
  const all = guessed ? [...own, 'answeredUs'] : own;
  return { estimated: all.length === 0 ? (undefined as never) : all };
}
