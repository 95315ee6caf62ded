import type { Exchange, Process } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { extent, type Span, spansOf, sweep } from '../spans.ts';
import { endUs } from '../steps.ts';
import { MOSTLY_FULL, NEARLY_ALL } from '../thresholds.ts';
import { type CommandLimit, limitOf } from './arguments.ts';

/** What a command's arguments say of a run. */
export interface CommandRun extends CommandLimit {
  /** How many were wanted at once, as far as that follows: null where it does not. */
  readonly wanted: number | null;
  /** It limited the run: as many as it allows were under way most of the time, and more were to come. */
  readonly isFull: boolean;
  /** It allows more than there were, and these were all begun as fast as the machine could. */
  readonly isFree: boolean;
}

const MOST_PARENTS = 8;

/** The limit that the command's arguments set to the requests of a run; undefined where none is known. */
export function commandRun(evidence: Evidence): CommandRun | undefined {
  const { exchange } = evidence;
  const kept = known.get(exchange);
  if (kept !== undefined && kept.count === exchange.length) return kept.run;
  const run = runOf(evidence);
  known.set(exchange, { count: exchange.length, run });
  return run;
}

/** Several ask for it, of the same exchanges. */
const known = new WeakMap<object, { readonly count: number; readonly run: CommandRun | undefined }>();

function runOf({ exchange, process, host }: Evidence): CommandRun | undefined {
  if (exchange.length < 2) return undefined;
  const processes = new Map<number, Process>();
  for (const one of process) processes.set(one.pid, { ...processes.get(one.pid), ...one });
  const limit = limitAbove(exchange, processes, host?.cpus);
  if (limit === undefined) return undefined;
  const { mode, size } = limit;
  const spans = mode === 'children' ? atWork(exchange, processes) : inFlight(exchange);
  const isMore = size !== null && spans.count > size;
  const isFull = isMore && spans.isBusy && spans.max === size && spans.full >= MOSTLY_FULL;
  const wanted = mode === 'load' ? size : mode !== 'clock' && isFull ? exchange.length : null;
  const isEach = spans.isBusy && spans.count === exchange.length;
  const isTogether =
    mode === 'children' || overlapOf(exchange.flatMap(begunOf)).peak >= NEARLY_ALL * spans.count;
  const isFree = mode === 'clock' || (!isMore && isEach && isTogether);
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
      if (limit !== undefined && (at === 0 ? limit.mode !== 'children' : limit.mode === 'list')) return limit;
    }
    return undefined;
  }
  const limits = new Map<string, { readonly limit: CommandLimit; count: number }>();
  for (const [child, { length }] of byPid) {
    const limit = argvAbove(child, processes)
      .flatMap((argv) => limitOf(argv, cpus) ?? [])
      .find(({ mode }) => mode === 'children');
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

function inFlight(exchanges: readonly Exchange[]): Overlapping {
  return { ...overlapOf(exchanges.flatMap(spanOf)), isBusy: true };
}

/** Of the processes that made them: each also has to start, and to end. */
function atWork(exchanges: readonly Exchange[], processes: ReadonlyMap<number, Process>): Overlapping {
  const pids = new Set(exchanges.map(({ pid }) => pid!));
  const lives = [...pids].flatMap((pid): Span[] => {
    const { startedUs, endedUs } = processes.get(pid) ?? {};
    return startedUs === undefined || typeof endedUs !== 'number'
      ? []
      : [{ fromUs: startedUs, toUs: endedUs }];
  });
  const sum = (spans: readonly Span[]) => spans.reduce((us, { fromUs, toUs }) => us + toUs - fromUs, 0);
  return { ...overlapOf(lives), isBusy: sum(exchanges.flatMap(spanOf)) >= REQUESTS_SHARE * sum(lives) };
}

const REQUESTS_SHARE = 0.5;

function spanOf(exchange: Exchange): Span[] {
  const { sentUs } = exchange;
  return typeof sentUs === 'number' ? [{ fromUs: sentUs, toUs: Math.max(sentUs, endUs(exchange)) }] : [];
}

/** From when its connection began to be opened. */
function begunOf(exchange: Exchange): Span[] {
  return spanOf(exchange).map(({ fromUs, toUs }) => ({ fromUs: exchange.dispatchedUs ?? fromUs, toUs }));
}

function overlapOf(all: readonly Span[]): Omit<Overlapping, 'isBusy'> {
  const spans = spansOf(all);
  const lastUs = spans.starts.at(-1) ?? 0;
  const timeAt: number[] = [];
  sweep(spans, (from, to, level) => {
    timeAt[level] = (timeAt[level] ?? 0) + Math.max(0, Math.min(to, lastUs) - from);
  });
  const busy = timeAt.reduce((sum, us, count) => (count > 0 ? sum + us : sum), 0);
  const max = Math.max(
    0,
    timeAt.findLastIndex((us) => us > PASSING * busy),
  );
  const fullUs = timeAt.reduce((sum, us, count) => (count >= max ? sum + us : sum), 0);
  return { count: all.length, peak: extent(spans).max, max, full: busy === 0 ? 0 : fullUs / busy };
}

/** One ends as the next begins: for so small a part of the time there may seem to be both. */
const PASSING = 0.02;
