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
  const ends = lastEnds(cells, rounds, endedUs);
  if (!followAtOnce(rounds, ends) || isStaged(cells, rounds.begins)) return undefined;
  const takenUs = ends.reduce((last, end) => Math.max(last, end), 0) - rounds.begins[0]!;
  const question: Question = { lifted: ['wanted', ...UNSENT], atOnce: size, betweenUs: 0 };
  const possibleUs = possibleWallUs(cells, endedUs, question);
  if (takenUs < LEAST_FACTOR * possibleUs || takenUs - possibleUs < LEAST_LOST_US) return undefined;
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

function lastEnds(cells: readonly Cell[], { begins }: Rounds, endedUs: number): Float64Array {
  const ends = new Float64Array(begins.length);
  for (const { rows } of cells) {
    rows.visit((wanted, _sent, _answered, end) => {
      const round = roundAt(begins, wanted);
      ends[round] = Math.max(ends[round]!, end === Infinity ? endedUs : end);
    });
  }
  return ends;
}

function followAtOnce({ begins }: Rounds, ends: Float64Array): boolean {
  let atOnce = 0;
  for (let next = 1; next < begins.length; next++) {
    const lastedUs = ends[next - 1]! - begins[next - 1]!;
    if (begins[next]! - ends[next - 1]! <= Math.max(MOMENT_US, PAUSE_SHARE * lastedUs)) atOnce++;
  }
  return atOnce >= NEARLY_ALL * (begins.length - 1);
}
