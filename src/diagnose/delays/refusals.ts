import type { Exchange, Frame } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { calledOf, ownFrame } from '../languages/frames.ts';
import { overlapUs, unionUs } from '../spans.ts';
import { mean } from '../statistics.ts';
import { endUs, timesOf, wantedUs } from '../steps.ts';
import { waitOf } from '../waits.ts';

/** Requests that servers refused for the time being (429, 503), or that failed, and the program made again. */
export interface Throttling {
  readonly refused: number;
  readonly exchanges: number;
  /** '429', or '429 and 503'; without an answer: the errors. */
  readonly statuses: string;
  /** How long at least one of them waited for its next attempt; and how long nothing else was under way then. */
  readonly waitedUs: number;
  readonly lostUs: number;
  /** What most of them did with the server's `Retry-After`; null where nobody saw one. */
  readonly heeded: 'in time' | 'too early' | 'too late' | null;
  /** In the mean, where it was seen. */
  readonly retryAfterUs: number | null;
  readonly eachUs: number;
  /** Whether the program waits longer each time that the same request fails again: a back-off. */
  readonly isGrowing: boolean;
  /** The line of the program from which it slept meanwhile, and what it called. */
  readonly slept: Slept | undefined;
}

export interface Slept {
  readonly own: Frame | undefined;
  readonly call: string | undefined;
}

interface Refusal {
  readonly exchange: Exchange;
  readonly fromUs: number;
  /** When its next attempt was called. */
  readonly toUs: number;
  readonly next: Exchange;
}

/** One may be chance. */
const LEAST = 2;
const LEAST_SHARE = 0.1;
const EARLY = 0.8;
const LATE = 1.5;
const LATE_US = 300_000;

/** Undefined where too few were refused, or none was made again. */
export function throttlingOf(evidence: Evidence): Throttling | undefined {
  return madeAgain(evidence, isRefused);
}

/** The same for requests that failed otherwise: by an error of the server or of the network. */
export function failuresMadeAgain(evidence: Evidence): Throttling | undefined {
  return madeAgain(evidence, hasFailed);
}

function madeAgain(evidence: Evidence, is: (exchange: Exchange) => boolean): Throttling | undefined {
  const { exchange: exchanges } = evidence;
  const refused = exchanges.filter(is);
  if (refused.length < LEAST || refused.length < LEAST_SHARE * exchanges.length) return undefined;
  const refusals = againAfter(refused, exchanges);
  if (refusals.length === 0) return undefined;
  const timed = refusals.filter(({ exchange }) => exchange.retryAfterSeconds !== undefined);
  const retryAfterUs = mean(timed.map(({ exchange }) => exchange.retryAfterSeconds! * 1e6));
  return {
    refused: refused.length,
    exchanges: exchanges.length,
    statuses: [...new Set(refused.map(({ status, error }) => error ?? status))].sort().join(' and '),
    ...timeOf(refusals, exchanges),
    heeded: timed.length < refusals.length / 2 ? null : heededBy(timed),
    retryAfterUs: timed.length < refusals.length / 2 ? null : retryAfterUs,
    eachUs: mean(refusals.map(({ fromUs, toUs }) => toUs - fromUs)),
    isGrowing: isGrowing(refusals),
    slept: sleptIn(refusals, evidence),
  };
}

/** Whether the program waited as the server has it, as far as anybody knows: there is nothing to be blamed. */
export function isHeeded({ heeded }: Throttling): boolean {
  return heeded === 'in time' || heeded === null;
}

/** Whether the program waits as the server has it, or longer each time: it is meant, and what failed is to be blamed. */
export function isMeant({ heeded, isGrowing: grows }: Throttling): boolean {
  return heeded === 'in time' || grows;
}

function isRefused({ status }: Exchange): boolean {
  return status === 429 || status === 503;
}

/** Statuses of a server that could not answer just then, which is no refusal. */
const ERRORS: ReadonlySet<number | null | undefined> = new Set([408, 425, 500, 502, 504]);

function hasFailed({ status, error }: Exchange): boolean {
  return ERRORS.has(status) || (typeof error === 'string' && status === null);
}

/** Each with its next attempt: of the same request, else of the same URL in the same unit, else of the same URL. */
function againAfter(refused: readonly Exchange[], exchanges: readonly Exchange[]): Refusal[] {
  const same = (key: (exchange: Exchange) => string) => {
    const groups = Map.groupBy(exchanges, key);
    for (const group of groups.values()) group.sort((a, b) => calledUs(a) - calledUs(b));
    return (exchange: Exchange): readonly Exchange[] => groups.get(key(exchange)) ?? [];
  };
  const ways = [
    same(({ request, id }) => (request === undefined ? `#${id}` : `${request}`)),
    same(({ unit, id, url }) => (unit === undefined ? `#${id}` : `${unit} ${url}`)),
    same(({ pid, method, url, id }) => (url === undefined ? `#${id}` : `${pid} ${method} ${url}`)),
  ];
  const claimed = new Set<Exchange>();
  return [...refused]
    .sort((a, b) => endUs(a) - endUs(b))
    .flatMap((exchange) => {
      const fromUs = endUs(exchange);
      const isNext = (one: Exchange): boolean => !claimed.has(one) && calledUs(one) >= fromUs;
      const next = ways.map((of) => of(exchange).find(isNext)).find((one) => one !== undefined);
      if (next === undefined) return [];
      claimed.add(next);
      return [{ exchange, fromUs, toUs: calledUs(next), next }];
    });
}

function calledUs(exchange: Exchange): number {
  return exchange.calledUs ?? wantedUs(exchange);
}

function timeOf(
  refusals: readonly Refusal[],
  exchanges: readonly Exchange[],
): Pick<Throttling, 'waitedUs' | 'lostUs'> {
  const flights = exchanges.flatMap((exchange) => {
    const times = timesOf(exchange);
    return times === undefined || times.end === Number.POSITIVE_INFINITY
      ? []
      : [{ fromUs: times.sent, toUs: times.end }];
  });
  const waitedUs = unionUs(refusals);
  return { waitedUs, lostUs: unionUs([...refusals, ...flights]) - unionUs(flights) };
}

function heededBy(timed: readonly Refusal[]): 'in time' | 'too early' | 'too late' {
  const early = timed.filter(
    ({ exchange, fromUs, toUs }) => toUs - fromUs < EARLY * exchange.retryAfterSeconds! * 1e6,
  );
  const late = timed.filter(
    ({ exchange, fromUs, toUs }) => toUs - fromUs > LATE * exchange.retryAfterSeconds! * 1e6 + LATE_US,
  );
  if (early.length > timed.length / 2) return 'too early';
  return late.length > timed.length / 2 ? 'too late' : 'in time';
}

/** A pause with jitter is not the same twice: one that grows does so by more, in most requests or on the average. */
const GROWTH = 1.4;

/** Whether the second pause of a request is longer than its first, of those that failed twice or more. */
function isGrowing(refusals: readonly Refusal[]): boolean {
  const before = new Map(refusals.map((refusal) => [refusal.next, refusal]));
  const pairs = refusals.flatMap((second) => {
    const first = before.get(second.exchange);
    return first === undefined || before.has(first.exchange) ? [] : [{ first, second }];
  });
  const pause = ({ fromUs, toUs }: Refusal): number => toUs - fromUs;
  return (
    pairs.length >= LEAST &&
    mean(pairs.map(({ second }) => pause(second))) >= GROWTH * mean(pairs.map(({ first }) => pause(first)))
  );
}

/** So many tell where the others slept, too. */
const MOST_COMPARED = 100;

/** The sleep that took most of the time before the next attempts. */
function sleptIn(refusals: readonly Refusal[], { block, stack }: Evidence): Slept | undefined {
  const stacks = new Map(stack.map((one) => [one.id, one.frames]));
  const byPlace = new Map<string, Slept & { us: number }>();
  for (const one of block) {
    const frames = one.stack === undefined ? [] : (stacks.get(one.stack) ?? []);
    if (frames.length === 0) continue;
    const wait = waitOf(one, frames);
    if (wait.kind !== 'sleep') continue;
    const us = refusals.slice(0, MOST_COMPARED).reduce((sum, { exchange, fromUs, toUs }) => {
      const isIts =
        one.unit === undefined
          ? one.thread === exchange.thread && one.pid === exchange.pid
          : one.unit === exchange.unit;
      return isIts ? sum + overlapUs(fromUs, toUs, one.fromUs, one.toUs) : sum;
    }, 0);
    if (us === 0) continue;
    const own = ownFrame(frames);
    const key = `${own?.file}:${own?.line}`;
    const call = wait.frame === undefined || wait.frame === own ? undefined : calledOf(wait.frame);
    const known = byPlace.get(key)?.us ?? 0;
    byPlace.set(key, { own, call, us: known + us });
  }
  return [...byPlace.values()].sort((a, b) => b.us - a.us)[0];
}
