import type { Cell } from './cell.ts';

import { type AnswerWait, isInLine } from './server-line.ts';
import { median, variation } from './statistics.ts';

/** Fewer answers may look like a queue by chance. */
const LEAST = 5;
/** A long run shows what it shows in its first exchanges; those are sorted. */
const MOST = 20_000;

/**
 * Whether the server (or a proxy) queued the exchanges of a cell: they were sent side by side, and answered few at a
 * time, in even steps and in the order sent; or one by one, evenly, in the order sent or in step, the first (or any
 * alone) in a third of the time of the others. `possible` at most: latencies that happen to rise look the same.
 */
export function isQueued(cell: Cell): boolean {
  if (cell.origin === null || cell.answered < LEAST || !isSpread(cell)) return false;
  const bursts = burstsOf(waitsOf(cell));
  const alone = bursts.filter((burst) => burst.length === 1).map(([only]) => only!.answered - only!.sent);
  const crowded = bursts.filter((burst) => burst.length >= LEAST);
  const aloneUs = alone.length >= 3 ? median(alone) : null;
  const all = crowded.reduce((sum, burst) => sum + burst.length, 0);
  const queued = crowded.reduce((sum, burst) => sum + (isQueue(burst, aloneUs) ? burst.length : 0), 0);
  return all > 0 && queued > all / 2;
}

/** A queue has waits of about three to one at least: most cells are out of the question before any is sorted. */
const LEAST_SPREAD = 0.4;

function isSpread(cell: Cell): boolean {
  let shortest = Infinity;
  let longest = 0;
  cell.rows.visit((_asked, sent, answered) => {
    if (answered === Infinity) return;
    shortest = Math.min(shortest, answered - sent);
    longest = Math.max(longest, answered - sent);
  });
  return shortest <= LEAST_SPREAD * longest;
}

function waitsOf(cell: Cell): AnswerWait[] {
  const cutoff = sentCutoff(cell);
  const waits: AnswerWait[] = [];
  cell.rows.visit((_asked, sent, answered) => {
    if (answered !== Infinity && sent <= cutoff) waits.push({ sent, answered });
  });
  return waits.sort((a, b) => a.sent - b.sent || a.answered - b.answered);
}

/** By time and not by place in the trace: the order of records must not matter. */
function sentCutoff({ rows }: Cell): number {
  if (rows.length <= MOST) return Infinity;
  const sent = new Float64Array(rows.length);
  let length = 0;
  rows.visit((_asked, at) => {
    sent[length++] = at;
  });
  return sent.sort()[MOST]!;
}

/** Runs of exchanges between two moments at which none was waiting for its answer. */
function burstsOf(waits: readonly AnswerWait[]): AnswerWait[][] {
  const bursts: AnswerWait[][] = [];
  let busyUntil = -Infinity;
  for (const wait of waits) {
    if (wait.sent >= busyUntil) bursts.push([]);
    bursts.at(-1)!.push(wait);
    busyUntil = Math.max(busyUntil, wait.answered);
  }
  return bursts;
}

function isQueue(burst: readonly AnswerWait[], aloneUs: number | null): boolean {
  return isInSteps(burst) || isOneByOne(burst, aloneUs) || isInLine(burst);
}

/** So many steps make a stair. */
const LEAST_STEPS = 3;
/** How far a step may differ from the time that the first took. */
const UNEVEN = 0.3;

/**
 * Whether as many as the server takes at a time were answered together, then as many again after the time that the
 * first took, and so on, those sent first before the others: 200, 201, 400, 401, 600 ms.
 */
function isInSteps(burst: readonly AnswerWait[]): boolean {
  const byAnswer = burst.toSorted((a, b) => a.answered - b.answered);
  const first = byAnswer[0]!;
  const stepUs = first.answered - first.sent;
  const steps: AnswerWait[][] = [];
  let last = -Infinity;
  for (const wait of byAnswer) {
    if (wait.answered - last > stepUs / 2) steps.push([]);
    steps.at(-1)!.push(wait);
    last = wait.answered;
  }
  const [front] = steps;
  if (steps.length < LEAST_STEPS || front!.length < 2) return false;
  const isFull = steps.slice(0, -1).every(({ length }) => length === front!.length);
  const isShort = steps.at(-1)!.length <= front!.length;
  const isEven = steps.every(
    (step, at) => at === 0 || Math.abs(apartUs(steps[at - 1]!, step) - stepUs) <= UNEVEN * stepUs,
  );
  return isFull && isShort && isEven && isSentInOrder(steps);
}

function apartUs(one: readonly AnswerWait[], next: readonly AnswerWait[]): number {
  return next[0]!.answered - one[0]!.answered;
}

/** Whether those of a step were sent before those of the next, but for a few that were sent in the same moment. */
function isSentInOrder(steps: readonly (readonly AnswerWait[])[]): boolean {
  const pairs = steps
    .slice(1)
    .flatMap((step, at) => step.flatMap((later) => steps[at]!.map((one) => one.sent <= later.sent)));
  return pairs.filter(Boolean).length >= 0.9 * pairs.length;
}

function isOneByOne(burst: readonly AnswerWait[], aloneUs: number | null): boolean {
  const answers = Float64Array.from(burst, ({ answered }) => answered).sort();
  const spreadUs = answers.at(-1)! - answers[0]!;
  const first = burst.reduce((a, b) => (b.answered < a.answered ? b : a));
  const others = burst.filter((wait) => wait !== first);
  const meanUs = others.reduce((sum, wait) => sum + wait.answered - wait.sent, 0) / others.length;
  const soloUs = aloneUs ?? first.answered - first.sent;
  return (
    soloUs <= meanUs / 3 &&
    spreadUs >= meanUs &&
    isEven(answers) &&
    (aloneUs !== null || isRegular(answers) || isInOrder(burst, meanUs / (answers.at(-1)! - burst[0]!.sent)))
  );
}

/** Whether the count of answers grows along a line, within a quarter of all. */
function isEven(answers: Float64Array): boolean {
  const from = answers[0]!;
  const spreadUs = answers.at(-1)! - from;
  return answers.every(
    (at, index) => Math.abs(index / (answers.length - 1) - (at - from) / spreadUs) <= 0.25,
  );
}

/** So many answers may come together, of a server that takes as many at a time. */
const MOST_TOGETHER = 3;

/**
 * Whether all gaps between answers are about the same, as one by one under a lock: chance makes no ten such. Where
 * several are served at a time, each gap to as many answers later is, and more so: chance evens those out. Of 20,000
 * bursts of 20 answers at random none is taken for a queue.
 */
function isRegular(answers: Float64Array): boolean {
  if (isRegularOver(answers, 1, 0.3)) return true;
  for (let together = 2; together <= MOST_TOGETHER; together++)
    if (isRegularOver(answers, together, 0.6 / together ** 2)) return true;
  return false;
}

function isRegularOver(answers: Float64Array, together: number, most: number): boolean {
  const gaps = answers.length - together;
  if (gaps < 9) return false;
  return variation(Array.from({ length: gaps }, (_, at) => answers[at + together]! - answers[at]!)) <= most;
}

/**
 * Whether those sent earlier are answered earlier. Neighbours may change places where a few are served at once, so
 * exchanges are compared that lie a quarter of what was in flight apart (`meanShare`: mean wait / the burst's time).
 */
function isInOrder(burst: readonly AnswerWait[], meanShare: number): boolean {
  const apart = Math.max(1, Math.floor((burst.length * meanShare) / 4));
  let pairs = 0; // those sent in the same instant have no order
  let inOrder = 0;
  for (let at = 0; at + apart < burst.length; at++) {
    const [one, later] = [burst[at]!, burst[at + apart]!];
    if (one.sent === later.sent) continue;
    pairs++;
    if (one.answered <= later.answered) inOrder++;
  }
  return pairs >= (burst.length - apart) / 2 && inOrder >= 0.9 * pairs;
}
