import { duration, patchText, shortNumber, shortPlace, type Verdict } from '../../diagnose/browser.ts';
import type { Environment, Exchange } from '../../trace/browser.ts';
import type { Segments } from './segments.ts';
import type { TimeColumns } from './times.ts';

/** Something that both runs have, or one of them. */
export interface Difference {
  readonly what: string;
  /** null: the first run has none. */
  readonly a: string | null;
  readonly b: string | null;
}

/** What two verdicts say, line by line: those that differ, and those that do not. */
export function verdictRows(a: Verdict, b: Verdict): readonly Difference[] {
  const row = (what: string, of: (verdict: Verdict) => string | null): Difference => ({
    what,
    a: of(a),
    b: of(b),
  });
  return [
    row('overlap', ({ overlap }) => overlap),
    row('delayed at', ({ step }) => (step === 'none' ? null : step)),
    row('wall time', ({ wallMs }) => duration(wallMs * 1_000)),
    row('possible', ({ possibleWallMs }) =>
      possibleWallMs === null ? null : duration(possibleWallMs * 1_000),
    ),
    row('in flight, mean', ({ inFlight }) => shortNumber(inFlight.mean)),
    row('in flight, most', ({ inFlight }) => String(inFlight.max)),
    row('wanted at once', ({ wanted }) => (wanted === null ? null : String(wanted))),
    row('requests', ({ requests }) => String(requests)),
    row('failed', ({ failed }) => String(failed)),
    row('cause', ({ causes: [cause] }) => (cause === undefined ? null : cause.id)),
  ];
}

/** What the programs of two runs are made of, where that differs; and how much is the same in both. */
export interface EnvironmentDifference {
  readonly modules: readonly Difference[];
  readonly limits: readonly Difference[];
  readonly patches: readonly Difference[];
  readonly same: number;
}

/**
 * Compares modules by their names, limits by what they are of, patches by what they replace. Places are short ones: runs
 * in different folders have them in common.
 */
export function environmentDifference(
  a: readonly Environment[],
  b: readonly Environment[],
): EnvironmentDifference {
  const modules = compared(a, b, ({ language, version, modules = [] }) => [
    [language, version],
    ...modules.map(({ name, version = 'a version that is not known' }) => [name, version] as const),
  ]);
  const limits = compared(a, b, ({ limits = [] }) =>
    limits.map(({ of, size, setAt }) => [
      of,
      setAt === undefined ? `${size}` : `${size}, set at ${shortPlace(setAt)}`,
    ]),
  );
  const patches = compared(a, b, ({ patches = [] }) =>
    patches.map((patch) => [`${patch.target} by ${patch.by}`, patchText(shortened(patch))]),
  );
  return {
    modules: modules.filter(differs),
    limits: limits.filter(differs),
    patches: patches.filter(differs),
    same: [...modules, ...limits, ...patches].filter((one) => !differs(one)).length,
  };
}

function shortened<T extends { readonly at?: string }>(patch: T): T {
  return patch.at === undefined ? patch : { ...patch, at: shortPlace(patch.at) };
}

type Pairs = (environment: Environment) => readonly (readonly [what: string, value: string])[];

function compared(a: readonly Environment[], b: readonly Environment[], pairs: Pairs): readonly Difference[] {
  const [inA, inB] = [valuesOf(a, pairs), valuesOf(b, pairs)];
  const names = [...new Set([...inA.keys(), ...inB.keys()])].sort();
  return names.map((what) => ({ what, a: inA.get(what) ?? null, b: inB.get(what) ?? null }));
}

/** Of several processes: all values, each once. */
function valuesOf(environments: readonly Environment[], pairs: Pairs): ReadonlyMap<string, string> {
  const all = new Map<string, Set<string>>();
  for (const environment of environments)
    for (const [what, value] of pairs(environment)) all.set(what, (all.get(what) ?? new Set()).add(value));
  return new Map([...all].map(([what, values]) => [what, [...values].sort().join('; ')]));
}

/** Whether the two runs differ in it. */
export function differs({ a, b }: Difference): boolean {
  return a !== b;
}

/** The time that the requests of one URL took in each run. */
export interface UrlTimes {
  readonly url: string;
  readonly a: Took | null;
  readonly b: Took | null;
}

interface Took {
  readonly count: number;
  /** From wanted to read, and from sent to read: medians, in microseconds. */
  readonly medianUs: number;
  readonly ownUs: number;
}

/** What is compared of a run. */
export interface Timed {
  readonly exchange: readonly Exchange[];
  readonly times: TimeColumns;
}

/**
 * Each URL's time in both runs, the one that differs most first. Where the runs have no URL in common, because each had a
 * server of its own, URLs are compared without their origin.
 */
export function urlTimes(a: Timed, b: Timed): readonly UrlTimes[] {
  const keyOf = inCommon(a, b);
  const [inA, inB] = [tookBy(a, keyOf), tookBy(b, keyOf)];
  const urls = [...new Set([...inA.keys(), ...inB.keys()])];
  return urls
    .map((url) => ({ url, a: inA.get(url) ?? null, b: inB.get(url) ?? null }))
    .sort((one, other) => changeOf(other) - changeOf(one));
}

function changeOf({ a, b }: UrlTimes): number {
  return a === null || b === null ? -1 : Math.abs(b.medianUs - a.medianUs);
}

function byUrl({ url, origin }: Exchange): string {
  return url ?? origin;
}

function byPath({ url, origin }: Exchange): string {
  return url === undefined ? origin : url.replace(/^[a-z]+:\/\/[^/?#]*/i, '') || '/';
}

function tookBy({ exchange, times }: Timed, keyOf: (one: Exchange) => string): ReadonlyMap<string, Took> {
  const places = Map.groupBy(
    [...exchange.keys()].filter((at) => times.isTimed[at] === 1),
    (at) => keyOf(exchange[at]!),
  );
  return new Map(
    [...places].map(([url, own]) => [
      url,
      {
        count: own.length,
        medianUs: median(own.map((at) => times.end[at]! - times.wanted[at]!)),
        ownUs: median(own.map((at) => times.end[at]! - times.sent[at]!)),
      },
    ]),
  );
}

function median(numbers: readonly number[]): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[sorted.length >> 1] ?? 0;
}

/** Exchanges of two runs that are of the same URL, the first with the first, and so on; -1: the other run has none more. */
export interface Pair {
  readonly a: number;
  readonly b: number;
}

/** Pairs the exchanges of two runs, in the order in which the first run wanted its own. */
export function pairsOf(a: Timed, b: Timed): readonly Pair[] {
  const keyOf = inCommon(a, b);
  const left = Map.groupBy(inOrder(b), (at) => keyOf(b.exchange[at]!));
  const pairs: Pair[] = inOrder(a).map((at) => ({
    a: at,
    b: left.get(keyOf(a.exchange[at]!))?.shift() ?? -1,
  }));
  return [...pairs, ...[...left.values()].flat().map((at) => ({ a: -1, b: at }))];
}

function inOrder({ exchange, times }: Timed): number[] {
  return [...exchange.keys()]
    .filter((at) => times.isTimed[at] === 1)
    .sort((one, other) => times.wanted[one]! - times.wanted[other]!);
}

/** URLs, where the runs have any in common; else their paths, because each run had a server of its own. */
function inCommon(a: Timed, b: Timed): (one: Exchange) => string {
  const urls = new Set(a.exchange.map(byUrl));
  return b.exchange.some((one) => urls.has(byUrl(one))) ? byUrl : byPath;
}

/** A run with all its times moved by so much. */
export function moved<Of extends { readonly times: TimeColumns; readonly segments: Segments }>(
  run: Of,
  byUs: number,
): Of {
  const { times, segments } = run;
  const move = (column: Float64Array): Float64Array => column.map((us) => us + byUs);
  const end = move(times.end);
  return {
    ...run,
    times: {
      ...times,
      wanted: move(times.wanted),
      dispatched: move(times.dispatched),
      connected: move(times.connected),
      sent: move(times.sent),
      answered: move(times.answered),
      end,
      fromUs: times.fromUs + byUs,
      toUs: times.toUs + byUs,
    },
    segments: { ...segments, fromUs: move(segments.fromUs), endUs: end },
  };
}
