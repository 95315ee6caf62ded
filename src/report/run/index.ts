/** The run of a report: its folder, what was planned, what is done, and what came of it. */
import type { Report } from '../report.ts';
import type { Crunch, ReportRun, RunOptions } from './options.ts';
import { startReport } from './run.ts';

export type { RunMode } from './folder.ts';
export { freeingBuffers } from './memory.ts';
export type {
  Chunk,
  ChunkRow,
  DistributedOrder,
  DistributedRun,
  Distribution,
  Phase,
  ReportOutcome,
  ReportProgress,
  ReportRun,
  RequestOutcome,
  RunOptions,
  Stopped,
} from './options.ts';
export { hashOfRequests } from './plan.ts';
export { howOf, type Prepared, prepared } from './request.ts';
export type { PlannedRows } from './rows.ts';
export { stopText, summaryJson } from './summary.ts';

/**
 * Runs a report: rows, GETs, SQL, checks, dumps. `finished` fails with what keeps it from beginning: a ReportError,
 * a StoreError where another run is in the folder, a TraceError.
 */
export function runReport(report: Report, options: RunOptions): ReportRun {
  return startReport(report, options, loadCrunch);
}

async function loadCrunch(): Promise<Crunch> {
  const [{ openTables }, { dump }] = await Promise.all([
    import('../crunch/index.ts'),
    import('../dump/index.ts'),
  ]);
  return { openTables, dump };
}
