import type { Exchange, Process } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { type CommandLimit, limitOf } from './arguments.ts';

/** What a command's arguments say of a run. */
export interface CommandHold extends CommandLimit {
  /** How many were wanted at once, as far as that follows: null where it does not. */
  readonly wanted: number | null;
  /** It held requests back: as many as it allows were under way most of the time, and more were to come. */
  readonly isFull: boolean;
  /** It allows more than there were, and these were all begun as fast as the machine could. */
  readonly isFree: boolean;
}

/** Of the exchanges of a run, so many belong to the program that its arguments are of. */
const NEARLY_ALL = 0.8;
/** A limit that holds is reached for so much of the time: up to the last request sent. */
const MOSTLY = 0.6;
const MOST_PARENTS = 8;

/** The limit that the command's arguments set to the requests of a run; undefined where none is known. */
export function commandHold(evidence: Evidence): CommandHold | undefined {
  const { exchange } = evidence;
  const kept = known.get(exchange);
  if (kept !== undefined && kept.count === exchange.length) return kept.held;
  const held = holdOf(evidence);
  known.set(exchange, { count: exchange.length, held });
  return held;
}

/** Several ask for it, of the same exchanges. */
const known = new WeakMap<object, { readonly count: number; readonly held: CommandHold | undefined }>();

function holdOf({ exchange, process, host }: Evidence): CommandHold | undefined {
  if (exchange.length < 2) return undefined;
  const processes = new Map<number, Process>();
  for (const one of process) processes.set(one.pid, { ...processes.get(one.pid), ...one });
  const limit = limitAbove(exchange, processes, host?.cpus);
  if (limit === undefined) return undefined;
  const { hold, size } = limit;
  const spans = hold === 'children' ? atWork(exchange, processes) : inFlight(exchange);
  const isMore = size !== null && spans.count > size;
  const isFull = isMore && spans.isBusy && spans.max === size && spans.full >= MOSTLY;
  const wanted = hold === 'load' ? size : hold !== 'clock' && isFull ? exchange.length : null;
  const isEach = spans.isBusy && spans.count === exchange.length;
  const isTogether =
    hold === 'children' || overlapOf(exchange.flatMap(begunOf)).peak >= NEARLY_ALL * spans.count;
  const isFree = hold === 'clock' || (!isMore && isEach && isTogether);
  return { ...limit, wanted, isFull, isFree };
}

function limitAbove(
  exchanges: readonly Exchange[],
  processes: ReadonlyMap<number, Process>,
  cpus: number | undefined,
): CommandLimit | undefined {
  const byPid = Map.groupBy(exchanges, ({ pid }) => pid);
  const [[pid, own] = [undefined, []]] = [...byPid].sort(([, a], [, b]) => b.length - a.length);
  if (own.length >= NEARLY_ALL * exchanges.length) {
    for (const [at, argv] of argvAbove(pid, processes).entries()) {
      const limit = limitOf(argv, cpus);
      // A program above it may have it work off a list, as git has git-remote-http; its own load it makes itself.
      if (limit !== undefined && (at === 0 ? limit.hold !== 'children' : limit.hold === 'list')) return limit;
    }
    return undefined;
  }
  const limits = new Map<string, { readonly limit: CommandLimit; count: number }>();
  for (const [child, { length }] of byPid) {
    const limit = argvAbove(child, processes)
      .flatMap((argv) => limitOf(argv, cpus) ?? [])
      .find(({ hold }) => hold === 'children');
    if (limit === undefined) continue;
    const key = JSON.stringify(limit);
    const known = limits.get(key) ?? { limit, count: 0 };
    known.count += length;
    limits.set(key, known);
  }
  return [...limits.values()].find(({ count }) => count >= NEARLY_ALL * exchanges.length)?.limit;
}

/** The arguments of a process and of those that it descends from, the nearest first. */
function argvAbove(pid: number | undefined, processes: ReadonlyMap<number, Process>): (readonly string[])[] {
  const all: (readonly string[])[] = [];
  let at = pid === undefined ? undefined : processes.get(pid);
  while (at !== undefined && all.length < MOST_PARENTS) {
    all.push(at.argv ?? []);
    at = at.parent === undefined ? undefined : processes.get(at.parent);
  }
  return all;
}

/** How far spans of time overlap. */
interface Overlapping {
  readonly count: number;
  readonly peak: number;
  /** The most at once for more than a moment. */
  readonly max: number;
  /** The part of the time, up to the last beginning, in which there were so many. */
  readonly full: number;
  /** The requests take most of the spans. */
  readonly isBusy: boolean;
}

type Span = readonly [fromUs: number, toUs: number];

function inFlight(exchanges: readonly Exchange[]): Overlapping {
  return { ...overlapOf(exchanges.flatMap(spanOf)), isBusy: true };
}

/** Of the processes that made them: each also has to start, and to end. */
function atWork(exchanges: readonly Exchange[], processes: ReadonlyMap<number, Process>): Overlapping {
  const pids = new Set(exchanges.map(({ pid }) => pid!));
  const lives = [...pids].flatMap((pid): Span[] => {
    const { startedUs, endedUs } = processes.get(pid) ?? {};
    return startedUs === undefined || typeof endedUs !== 'number' ? [] : [[startedUs, endedUs]];
  });
  const sum = (spans: readonly Span[]) => spans.reduce((us, [from, to]) => us + to - from, 0);
  return { ...overlapOf(lives), isBusy: sum(exchanges.flatMap(spanOf)) >= REQUESTS_SHARE * sum(lives) };
}

const REQUESTS_SHARE = 0.5;

function spanOf({ sentUs, readUs, failedUs }: Exchange): Span[] {
  if (typeof sentUs !== 'number') return [];
  return [[sentUs, Math.max(sentUs, readUs ?? failedUs ?? Number.POSITIVE_INFINITY)]];
}

/** From when its connection began to be opened. */
function begunOf(exchange: Exchange): Span[] {
  return spanOf(exchange).map(([sentUs, toUs]) => [exchange.dispatchedUs ?? sentUs, toUs]);
}

function overlapOf(spans: readonly Span[]): Omit<Overlapping, 'isBusy'> {
  const edges = spans.flatMap(([from, to]) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  edges.sort((a, b) => a.at - b.at || a.by - b.by);
  const lastUs = edges.findLast(({ by }) => by > 0)?.at ?? 0;
  const timeAt: number[] = [];
  let level = 0;
  for (const [index, { at, by }] of edges.entries()) {
    level += by;
    const toUs = Math.min(edges[index + 1]?.at ?? at, lastUs);
    timeAt[level] = (timeAt[level] ?? 0) + Math.max(0, toUs - at);
  }
  const busy = timeAt.reduce((sum, us, count) => (count > 0 ? sum + us : sum), 0);
  const max = Math.max(
    0,
    timeAt.findLastIndex((us) => us > PASSING * busy),
  );
  const fullUs = timeAt.reduce((sum, us, count) => (count >= max ? sum + us : sum), 0);
  return { count: spans.length, peak: timeAt.length - 1, max, full: busy === 0 ? 0 : fullUs / busy };
}

/** One ends as the next begins: for so small a part of the time there may seem to be both. */
const PASSING = 0.02;
