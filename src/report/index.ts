/**
 * A report, from its text to its dumps: rows, requests, SQL over the answers, checks.
 *
 * 1. `document` reads the file, `file` checks it against its schema and makes a `Report` of it; `report.ts` has the
 *    types that all parts share.
 * 2. `run/folder.ts` finds or makes the run's folder and locks it. `run/run.ts` is an invocation: `run/fetching.ts`
 *    takes the requests one after the other. Rows come from `crunch` and are planned (`run/plan.ts`): they are saved
 *    without secret columns, and compared with the saved ones when a run is resumed.
 * 3. `template` makes a URL and headers of each row that is not done: a job. `execute` fetches jobs, in this thread
 *    (`execute/request-worker.ts`: one engine, one part) or in several (`execute/worker-pool.ts`: jobs go by message to
 *    a worker that has room, limits are divided among them and moved, `execute/worker.ts` is where a thread starts).
 *    `execute/row.ts` decides what follows an answer: a next page, or the cached copy. Secrets are sent by message
 *    only, and replaced before anything is written (`execute/secrets.ts`).
 * 4. A part is JSON Lines of `store`; each line has index, page and chunk. After an interruption `execute/parts.ts`
 *    repairs the parts: all together they hold every result of every completed row exactly once.
 *    `execute/worker-records.ts` combines the records of all threads, and `record` makes the trace and the verdict, as
 *    for `get`.
 * 5. `crunch` makes a table of the parts of each request, runs the queries and the checks; `dump` writes each table
 *    completely or not at all. `run/summary.ts` summarizes the run.
 */
export { checkSql } from './check-sql.ts';
export { openTables } from './crunch/index.ts';
export { asksAnswers, type DryRun, dryRunOf, type RequestDryRun } from './dry-run/index.ts';
export { ReportError, reportErrorAt } from './error.ts';
export {
  type ReportNeeds,
  readNeeds,
  readReport,
  readSharedReport,
  TEST_SERVER,
  TEST_SERVER_TO_BE,
  withTestServerAt,
} from './file/index.ts';
export type { Checked, Dumped, Report, Request, Row } from './report.ts';
export {
  type Chunk,
  type ChunkRow,
  type DistributedOrder,
  type DistributedRun,
  type Distribution,
  freeingBuffers,
  hashOfRequests,
  howOf,
  type PlannedRows,
  type Prepared,
  prepared,
  type ReportOutcome,
  type ReportProgress,
  type ReportRun,
  type RunMode,
  type RunOptions,
  runReport,
  stopText,
  summaryJson,
} from './run/index.ts';
export { type EnvironmentVariables, lookalikesOf, readAuthorities } from './template/index.ts';
