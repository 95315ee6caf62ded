import { type Block, countWhile } from '../trace/index.ts';
import type { Evidence } from './evidence.ts';
import { computingOf } from './own-work.ts';
import { timeIn } from './spans.ts';
import { type Times, timesOf } from './steps.ts';
import { threadOf } from './threads.ts';
import { MOSTLY } from './thresholds.ts';

/** Answers that lay in the kernel while the thread that should have taken them up computed something of its own, or slept. */
export interface Late {
  readonly answers: number;
  /** How long, in all. */
  readonly lateUs: number;
  /** From sent to the end, of all exchanges. */
  readonly sentUs: number;
  /** What the threads did meanwhile. */
  readonly blocks: readonly Block[];
  /** How long they did it: each moment once for each thread. */
  readonly busyUs: number;
  /** When answers came was not seen, but taken from the quickest. */
  readonly isGuessed: boolean;
}

/** So much of the time of all exchanges must be lost in this way for it to be what held them up. */
const LEAST_SHARE = 1 / 3;

/** Undefined where too little was late, or nobody saw when answers came. */
export function lateAnswers(evidence: Evidence): Late | undefined {
  const isGuessed = evidence.environment.some(({ language }) => language === 'node');
  if (evidence.ready.length === 0 && !isGuessed) return undefined;
  const blocks = [...computingOf(evidence).own, ...evidence.block.filter(isSleep)];
  if (blocks.length === 0) return undefined;
  const byThread = Map.groupBy(blocks, threadOf);
  const busyBefore = new Map([...byThread].map(([thread, own]) => [thread, timeIn(own)]));
  const ready = readyTimes(evidence);
  // Node's loop hears of an answer when it is free to: those that came meanwhile took as long as the quickest, at least.
  const quickest = quickestOf(evidence);
  let answers = 0;
  let lateUs = 0;
  let sentUs = 0;
  for (const exchange of evidence.exchange) {
    const times = timesOf(exchange);
    if (times === undefined || times.end === Infinity || times.sent === Infinity) continue;
    sentUs += times.end - times.sent;
    const busy = busyBefore.get(threadOf(exchange));
    if (busy === undefined) continue;
    const since = isGuessed
      ? times.sent + quickest(exchange.origin, times, busy)
      : firstFrom(ready.get(exchange.connection ?? -1), times.sent);
    if (since >= times.end) continue;
    const us = busy(times.end) - busy(since);
    if (us > 0) answers++;
    lateUs += us;
  }
  if (answers < 2 || lateUs < LEAST_SHARE * sentUs) return undefined;
  const busyUs = [...busyBefore.values()].reduce((sum, before) => sum + before(Infinity), 0);
  return { answers, lateUs, sentUs, blocks, busyUs, isGuessed };
}

/** Of a thread: tasks that sleep hold nobody up. */
function isSleep({ wait, thread }: Block): boolean {
  return wait.kind === 'sleep' && thread !== undefined;
}

/**
 * From sent to answered, of the quickest exchange of an origin. Of an origin that gave few answers, and one of them just
 * as the thread had done with something else: of all origins.
 */
function quickestOf({ exchange: exchanges }: Evidence): Quickest {
  const ofOrigin = new Map<string, { us: number; answers: number }>();
  let ofAllUs = Infinity;
  for (const exchange of exchanges) {
    const times = timesOf(exchange);
    if (times === undefined || times.answered === Infinity) continue;
    const us = times.answered - times.sent;
    const known = ofOrigin.get(exchange.origin) ?? { us: Infinity, answers: 0 };
    ofOrigin.set(exchange.origin, { us: Math.min(us, known.us), answers: known.answers + 1 });
    ofAllUs = Math.min(ofAllUs, us);
  }
  return (origin, { answered }, busyBefore) => {
    const { us, answers } = ofOrigin.get(origin) ?? { us: Infinity, answers: 0 };
    const busyUs = busyBefore(answered) - busyBefore(answered - JUST_US);
    return answers < TELLING && busyUs >= MOSTLY * JUST_US ? ofAllUs : us;
  };
}

type Quickest = (origin: string, times: Times, busyBefore: (time: number) => number) => number;

/** Fewer answers of an origin may all have been late. */
const TELLING = 3;
const JUST_US = 10_000;

/** When each connection had something for the program, in order. */
function readyTimes({ ready }: Evidence): ReadonlyMap<number, Float64Array> {
  const readable = ready.filter(({ what }) => what !== 'writable');
  const byConnection = Map.groupBy(readable, ({ connection }) => connection);
  return new Map(
    [...byConnection].map(([id, own]) => [id, Float64Array.from(own, ({ atUs }) => atUs).sort()]),
  );
}

/** The first of the times, at `fromUs` or later; Infinity where there is none. */
function firstFrom(times: Float64Array | undefined, fromUs: number): number {
  if (times === undefined) return Infinity;
  return times[countWhile(times, (time) => time < fromUs)] ?? Infinity;
}
