import type { Exchange } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { timesOf } from '../steps.ts';

export type TripKind = 'challenge' | 'redirect' | 'token';

/** Requests that each take two exchanges, one after the other. */
export interface TwoTrips {
  readonly kind: TripKind;
  readonly requests: number;
  /** Of the first one, in the mean, and of both. */
  readonly firstUs: number;
  readonly bothUs: number;
  /** One of the first ones. */
  readonly first: Exchange;
}

interface Pair {
  readonly kind: TripKind;
  readonly first: Exchange;
  readonly second: Exchange;
}

/** So many of the requests have to take two, and so many times. */
const NEARLY_ALL = 0.8;
const LEAST = 3;

const TOKEN = /(?:^|[/_.-])(?:o?auth2?|tokens?|access_?token|log_?in|sign_?in|sessions?|sts)(?:[/_.-]|$)/i;

/** Undefined where the second trip is no habit: a login before many requests, a redirect of one. */
export function twoTripsOf({ exchange: exchanges }: Evidence): TwoTrips | undefined {
  const pairs = pairsOf(exchanges);
  const byKind = Map.groupBy(pairs, ({ kind }) => kind);
  const [most] = [...byKind.values()].sort((a, b) => b.length - a.length);
  if (most === undefined || most.length < LEAST) return undefined;
  if (2 * most.length < NEARLY_ALL * exchanges.length) return undefined;
  return {
    kind: most[0]!.kind,
    requests: most.length,
    firstUs: mean(most.map(({ first }) => lengthOf(first))),
    bothUs: mean(most.map(({ first, second }) => endUs(second) - wantedUs(first))),
    first: most[0]!.first,
  };
}

/** Neighbours of one request, else of one unit of work or thread, else in the order of the run. */
function pairsOf(exchanges: readonly Exchange[]): Pair[] {
  const inOrder = exchanges.toSorted((a, b) => wantedUs(a) - wantedUs(b));
  const again = new Set(
    inOrder.flatMap(({ request, because }) =>
      request !== undefined && (because === 'redirect' || because === 'challenge') ? request : [],
    ),
  );
  const lines = Map.groupBy(inOrder, ({ request, unit, pid, thread, id }) => {
    if (request !== undefined && again.has(request)) return `request ${request}`;
    if (unit !== undefined) return `unit ${unit}`;
    return thread === undefined ? `#${id}` : `${pid}:${thread}`;
  });
  const tokens = tokenPaths(exchanges);
  return [...lines.values()].flatMap((line) =>
    line.slice(1).flatMap((second, at) => {
      const first = line[at]!;
      const kind = endUs(first) <= wantedUs(second) + SLACK_US ? kindOf(first, second, tokens) : undefined;
      return kind === undefined ? [] : [{ kind, first, second }];
    }),
  );
}

/** Clocks of several recorders. */
const SLACK_US = 2_000;

function kindOf(first: Exchange, second: Exchange, tokens: ReadonlySet<string>): TripKind | undefined {
  const { status } = first;
  if (second.because === 'challenge' || second.because === 'redirect') return second.because;
  if (status === 401 || status === 407)
    return first.url === second.url && second.status !== status ? 'challenge' : undefined;
  if (typeof status === 'number' && REDIRECTS.has(status) && first.url !== second.url) return 'redirect';
  return tokens.has(pathOf(first)) && !tokens.has(pathOf(second)) ? 'token' : undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Where tokens are asked for, nearly once for each other exchange. */
function tokenPaths(exchanges: readonly Exchange[]): ReadonlySet<string> {
  const paths = Map.groupBy(exchanges, pathOf);
  const enough = [...paths].filter(
    ([path, { length }]) =>
      TOKEN.test(path.replace(/^\w+:\/\/[^/]*/, '')) && length >= NEARLY_ALL * (exchanges.length - length),
  );
  return new Set(enough.map(([path]) => path));
}

function pathOf({ url = '', origin }: Exchange): string {
  return url === '' ? origin : url.replace(/[?#].*$/s, '');
}

function wantedUs(exchange: Exchange): number {
  return timesOf(exchange)?.wanted ?? Number.POSITIVE_INFINITY;
}

function endUs(exchange: Exchange): number {
  return timesOf(exchange)?.end ?? Number.POSITIVE_INFINITY;
}

function lengthOf(exchange: Exchange): number {
  return endUs(exchange) - wantedUs(exchange);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}
