/** A report, from its text to its dumps: rows, requests, SQL over the answers, checks. */
export { checkSql } from './check-sql.ts';
export { openTables } from './crunch/index.ts';
export { type DryRun, dryRunOf, type RequestDryRun } from './dry-run/index.ts';
export { ReportError } from './error.ts';
export { readReport, TEST_SERVER, TEST_SERVER_TO_BE, withTestServerAt } from './file/index.ts';
export type { Checked, Dumped, Report } from './report.ts';
export {
  type ReportOutcome,
  type ReportProgress,
  type ReportRun,
  type RunMode,
  type RunOptions,
  runReport,
  stopText,
  summaryJson,
} from './run/index.ts';
export { lookalikesOf } from './template/index.ts';
