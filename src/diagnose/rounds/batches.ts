import type { Cell } from '../cell.ts';
import { possibleWallUs, type Question, UNSENT } from '../replay.ts';
import { LEAST_FACTOR, LEAST_LOST_US, NEARLY_ALL } from '../thresholds.ts';
import { type Rounds, roundAt, roundsOf } from './rounds.ts';

/** Requests that go in batches: each begins when the slowest of the one before is read. Times in microseconds. */
export interface Batches {
  /** Requests of a batch; the last may have fewer. */
  readonly size: number;
  readonly count: number;
  /** The time it takes where the next request begins when any is read, as many at once as a batch has. */
  readonly possibleUs: number;
  readonly question: Question;
  readonly atOnceUs: number;
  /** Whether a recorder knows that no URL came out of an earlier answer. */
  readonly isIndependent: boolean;
}

/** Fewer batches may be the steps of some work: a list, then details. So few are enough where nothing depends. */
const LEAST_BATCHES = 4;
const LEAST_INDEPENDENT = 3;
/** At once: within so much of the time that a batch takes, or a moment. What is longer is work, a sleep or an input. */
const PAUSE_SHARE = 0.1;
const MOMENT_US = 20_000;
/** The requests of a batch are wanted within so much of the time that it takes. */
const TOGETHER = 0.3;

/** So much of what is lost, the slots of those that were read first are idle while the slowest of their batch goes on. */
const LEAST_IDLE = 0.3;

/** Undefined where there are no batches, or where they cost little. */
export function batchesOf(
  cells: readonly Cell[],
  endedUs: number,
  isStaged: (cells: readonly Cell[], begins: ArrayLike<number>) => boolean,
): Batches | undefined {
  const total = (count: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + count(cell), 0);
  const [dependent, independent] = [total((cell) => cell.dependent), total((cell) => cell.independent)];
  if (dependent > independent) return undefined;
  const isIndependent = independent > 0 && independent >= NEARLY_ALL * total(({ rows }) => rows.length);
  const rounds = roundsOf(cells, endedUs);
  const size = sizeOf(rounds, isIndependent ? LEAST_INDEPENDENT : LEAST_BATCHES);
  if (size === undefined) return undefined;
  const { wanted, ends, idleUs } = lastsOf(cells, rounds, endedUs);
  if (!areTogether(rounds, wanted, ends) || !followAtOnce(rounds, ends) || isStaged(cells, rounds.begins))
    return undefined;
  const takenUs = ends.reduce((last, end) => Math.max(last, end), 0) - rounds.begins[0]!;
  const question: Question = { lifted: ['wanted', ...UNSENT], atOnce: size, betweenUs: 0 };
  const possibleUs = possibleWallUs(cells, endedUs, question);
  if (takenUs < LEAST_FACTOR * possibleUs || takenUs - possibleUs < LEAST_LOST_US) return undefined;
  // Workers whose requests happen to take as long each go in step, and none of them waits for the slowest.
  if (idleUs < LEAST_IDLE * size * (takenUs - possibleUs)) return undefined;
  const atOnceUs = possibleWallUs(cells, endedUs, { ...question, atOnce: null });
  return { size, count: rounds.begins.length, question, possibleUs, atOnceUs, isIndependent };
}

/** The size of nearly all rounds but the last, which has what is left. */
function sizeOf({ requests }: Rounds, least: number): number | undefined {
  if (requests.length < least) return undefined;
  const size = requests[0]!;
  const whole = requests.subarray(0, -1);
  const same = whole.reduce((sum, one) => sum + (one === size ? 1 : 0), 0);
  return size >= 2 && requests.at(-1)! <= size && same >= NEARLY_ALL * whole.length ? size : undefined;
}

/** When the last of each round was wanted, when the last was over, and how long the others were over by then, in all. */
function lastsOf(cells: readonly Cell[], { begins }: Rounds, endedUs: number) {
  const wanted = new Float64Array(begins.length);
  const ends = new Float64Array(begins.length);
  const count = new Float64Array(begins.length);
  let endsUs = 0;
  for (const { rows } of cells) {
    rows.visit((wantedUs, _sent, _answered, end) => {
      const round = roundAt(begins, wantedUs);
      const overUs = end === Infinity ? endedUs : end;
      if (wantedUs < Infinity) wanted[round] = Math.max(wanted[round]!, wantedUs);
      ends[round] = Math.max(ends[round]!, overUs);
      count[round]!++;
      endsUs += overUs;
    });
  }
  return { wanted, ends, idleUs: ends.reduce((sum, end, round) => sum + end * count[round]!, -endsUs) };
}

/** Whether those of nearly each round are wanted together: what is wanted one after another overlaps by chance. */
function areTogether({ begins }: Rounds, wanted: Float64Array, ends: Float64Array): boolean {
  const together = begins.filter(
    (begin, round) => wanted[round]! - begin <= Math.max(MOMENT_US, TOGETHER * (ends[round]! - begin)),
  );
  return together.length >= NEARLY_ALL * begins.length;
}

function followAtOnce({ begins }: Rounds, ends: Float64Array): boolean {
  let atOnce = 0;
  for (let next = 1; next < begins.length; next++) {
    const lastedUs = ends[next - 1]! - begins[next - 1]!;
    if (begins[next]! - ends[next - 1]! <= Math.max(MOMENT_US, PAUSE_SHARE * lastedUs)) atOnce++;
  }
  return atOnce >= NEARLY_ALL * (begins.length - 1);
}
