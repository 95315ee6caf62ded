import { countWhile, type Exchange } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { mean } from '../statistics.ts';
import { endUs, wantedUs } from '../steps.ts';
import { threadOf } from '../threads.ts';
import { NEARLY_ALL } from '../thresholds.ts';

/** `report`: to a log or a collector. */
export type TripKind = 'challenge' | 'redirect' | 'token' | 'report';

/** Requests that each take two exchanges, one after the other. */
export interface TwoTrips {
  readonly kind: TripKind;
  readonly requests: number;
  /** Of the one that could be saved, in the mean, and of both. */
  readonly firstUs: number;
  readonly bothUs: number;
  /** One of the first ones. */
  readonly first: Exchange;
  /** Whether no two of the first ones were under way at once, though the requests are not made in turn. */
  readonly isQueued: boolean;
}

/** Whether each ends before the next one is wanted. */
function isInTurn(exchanges: readonly Exchange[]): boolean {
  const inOrder = exchanges.toSorted((a, b) => wantedUs(a) - wantedUs(b));
  return inOrder.slice(1).every((one, at) => endUs(inOrder[at]!) <= wantedUs(one) + SLACK_US);
}

interface Pair {
  readonly kind: TripKind;
  readonly first: Exchange;
  readonly second: Exchange;
}

/** Fewer requests of two exchanges are no habit. */
const LEAST = 3;

const REPORT =
  /(?:^|[/_.-])(?:logs?|traces?|spans|metrics?|events?|telemetry|collect(?:or)?|ingest)(?:[/_.-]|$)/i;
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
    bothUs: mean(most.map(({ first, second }) => spanOf(first, second))),
    first: most[0]!.first,
    isQueued: isInTurn(most.map(({ first }) => first)) && !isInTurn(exchanges),
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
  const lines = Map.groupBy(inOrder, (exchange) => {
    const { request, unit, thread, id } = exchange;
    if (request !== undefined && again.has(request)) return `request ${request}`;
    if (unit !== undefined) return `unit ${unit}`;
    return thread === undefined ? `#${id}` : threadOf(exchange);
  });
  const byLine = [...lines.values()].flatMap((line) =>
    line.slice(1).flatMap((second, at) => {
      const first = line[at]!;
      const kind = endUs(first) <= wantedUs(second) + SLACK_US ? kindOf(first, second) : undefined;
      return kind === undefined ? [] : [{ kind, first, second }];
    }),
  );
  if (byLine.length > 0) return byLine;
  const reports = reportPairs([...lines.values()], exchanges);
  return reports.length > 0 ? reports : tokenPairs(inOrder);
}

/** Each request with the report of it that the same unit of work, or thread, sends before it goes on. */
function reportPairs(lines: readonly (readonly Exchange[])[], exchanges: readonly Exchange[]): Pair[] {
  const paths = pathsLike(REPORT, exchanges);
  const isReport = (exchange: Exchange): boolean => exchange.method !== 'GET' && paths.has(pathOf(exchange));
  return lines.flatMap((line) =>
    line.slice(1).flatMap((report, at) => {
      const second = line[at]!;
      const isIts = isReport(report) && !isReport(second) && endUs(second) <= wantedUs(report) + SLACK_US;
      return isIts ? [{ kind: 'report' as const, first: report, second }] : [];
    }),
  );
}

/** Each request with the token that was fetched right before it, in whatever unit of work. */
function tokenPairs(inOrder: readonly Exchange[]): Pair[] {
  const paths = pathsLike(TOKEN, inOrder);
  const isToken = (exchange: Exchange): boolean => paths.has(pathOf(exchange));
  const tokens = inOrder.filter(isToken).sort((a, b) => endUs(a) - endUs(b));
  const ends = tokens.map(endUs);
  const claimed = new Set<Exchange>();
  return inOrder
    .filter((exchange) => !isToken(exchange))
    .flatMap((second) => {
      const before = tokens.slice(
        0,
        countWhile(ends, (end) => end <= wantedUs(second) + SLACK_US),
      );
      const first = before.findLast((token) => !claimed.has(token));
      if (first === undefined || wantedUs(second) - endUs(first) > lengthOf(first)) return [];
      claimed.add(first);
      return [{ kind: 'token' as const, first, second }];
    });
}

/** Clocks of several recorders. */
const SLACK_US = 2_000;

function kindOf(first: Exchange, second: Exchange): TripKind | undefined {
  const { status } = first;
  if (second.because === 'challenge' || second.because === 'redirect') return second.because;
  if (status === 401 || status === 407)
    return first.url === second.url && second.status !== status ? 'challenge' : undefined;
  const isRedirect = typeof status === 'number' && REDIRECTS.has(status) && first.url !== second.url;
  return isRedirect ? 'redirect' : undefined;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Paths of this name that are requested nearly once for each other exchange. */
function pathsLike(name: RegExp, exchanges: readonly Exchange[]): ReadonlySet<string> {
  const paths = Map.groupBy(exchanges, pathOf);
  const enough = [...paths].filter(
    ([path, { length }]) =>
      name.test(path.replace(/^\w+:\/\/[^/]*/, '')) && length >= NEARLY_ALL * (exchanges.length - length),
  );
  return new Set(enough.map(([path]) => path));
}

function spanOf(one: Exchange, other: Exchange): number {
  return Math.max(endUs(one), endUs(other)) - Math.min(wantedUs(one), wantedUs(other));
}

function pathOf({ url = '', origin }: Exchange): string {
  return url === '' ? origin : url.replace(/[?#].*$/s, '');
}

function lengthOf(exchange: Exchange): number {
  return endUs(exchange) - wantedUs(exchange);
}
