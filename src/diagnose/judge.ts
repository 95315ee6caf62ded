import type { Cell } from './cell.ts';
import type { Judgement, Setting } from './judgement.ts';
import { dependenceOf, inFlightOf, type Measured, measure } from './measured.ts';
import { type OverlapAndStep, overlapAndStep } from './overlap-and-step.ts';
import { batchesOf } from './rounds/batches.ts';
import { FLAG } from './rows.ts';
import { LEAST_FACTOR, MOSTLY } from './thresholds.ts';

/** Judges a set of exchanges by the rules of the funnel. */
export function judge(cells: readonly Cell[], setting: Setting): Judgement {
  const measured = measure(cells, setting);
  const {
    overlap,
    step,
    because,
    possibleUs,
    batches = null,
    question = null,
  } = withBatches(overlapAndStep(measured, setting), measured, setting);
  const { wallUs, levels, demand } = measured;
  const total = (count: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + count(cell), 0);
  const endings = setting.endingsOf(cells);
  const isOpen = overlap === 'concurrent' && step === 'none' && because === null;
  // What is given up on purpose was not held up by anything.
  const hasFailed = endings.failed >= MOSTLY * measured.wanted.starts.length;
  return {
    overlap,
    step: isOpen && hasFailed && areUnanswered(cells) ? 'answered' : step,
    wanted: demand.max,
    requests: total((cell) => cell.rows.length - cell.again),
    exchanges: total((cell) => cell.rows.length),
    answered: total((cell) => cell.answered),
    endings,
    neverSent: measured.wanted.starts.length - measured.sent.starts.length,
    inFlight: inFlightOf(measured),
    funnel: levels,
    fromUs: measured.wanted.starts[0] ?? 0,
    busyUs: demand.busyUs,
    wallUs,
    possibleWallUs: possibleUs,
    question,
    factor: possibleUs === null || possibleUs === 0 ? null : wallUs / possibleUs,
    preparationUs: measured.preparation.us,
    batches,
    dependence: dependenceOf(cells),
    because,
  };
}

/** Whether most of them waited for an answer that never came: they all went, and were delayed at that step. */
function areUnanswered(cells: readonly Cell[]): boolean {
  let count = 0;
  let unanswered = 0;
  for (const { rows, failed } of cells) {
    count += rows.length;
    if (failed === 0) continue;
    rows.visit((_wanted, sent, answered, _end, _dispatched, _connected, flags) => {
      if (flags & FLAG.failed && sent < Infinity && answered === Infinity) unanswered++;
    });
  }
  return unanswered >= MOSTLY * count;
}

/** All that was wanted was in flight, or nobody saw what was wanted: it may be that too little was wanted at a time. */
function withBatches(verdict: OverlapAndStep, { cells, wallUs }: Measured, setting: Setting): OverlapAndStep {
  const { step, because, overlap, possibleUs } = verdict;
  const isOpen = step === 'none' && (because === null || because === 'wanted unseen');
  // What was wanted waited, and yet the run could hardly have been shorter by that: a busy machine makes such beginnings.
  const isSmall = overlap === 'partly' && possibleUs !== null && wallUs < LEAST_FACTOR * possibleUs;
  const batches =
    (isOpen || isSmall) && setting.isOneLine
      ? batchesOf(cells, setting.endedUs, setting.isStaged)
      : undefined;
  if (batches === undefined) return verdict;
  return {
    overlap: 'partly',
    step: 'wanted',
    because: null,
    possibleUs: batches.possibleUs,
    question: batches.question,
    batches,
  };
}
