import { CHUNK_ROWS } from '../execute/index.ts';
import { ratePerS } from '../fetch/index.ts';
import type { Report } from '../report/index.ts';

/** An interrupt waits for chunks that have begun, and a deadline gives them up: they take about as long as so many answers. */
const ROUNDS = 5;
const LEAST_ROWS = 100;
/** Rates may allow fewer rows: a chunk takes about as many seconds. */
const MOST_S = 10;

/** The rows of a chunk, for a report with these limits, which so many processes share. */
export function chunkRowsFor(
  { concurrency, rate, perOriginRate }: Pick<Report['limits'], 'concurrency' | 'rate' | 'perOriginRate'>,
  processes: number,
): number {
  const rows = Math.max(LEAST_ROWS, Math.min(CHUNK_ROWS, Math.ceil((ROUNDS * concurrency) / processes)));
  // All rows may be of one origin.
  const rates = [rate, perOriginRate].filter((rate) => rate !== null);
  const perS = Math.min(...rates.map((rate) => ratePerS(rate, 'rate'))) / processes;
  return Math.max(1, Math.min(rows, Math.floor(perS * MOST_S)));
}
