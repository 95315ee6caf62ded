import {
  checkSql,
  type DryRun,
  dryRunOf,
  lookalikesOf,
  openTables,
  type Report,
  readReport,
} from '../../report/index.ts';
import { showProgress } from '../../view/index.ts';
import { dryRunJson, dryRunLines } from './dry-run.ts';
import type { ReportFlags } from './options.ts';
import { tellWarnings } from './summary.ts';

/** Looks a report file over without sending anything, and prints what it would do. @throws what is wrong with it */
export async function checkFile(file: string, { json, quiet }: ReportFlags): Promise<number> {
  const report = await readReport(file, process.env);
  const style = !quiet && process.stderr.isTTY ? 'bar' : 'none';
  const warnings = lookalikesOf(report, await checkSql(report));
  if (!quiet) tellWarnings(warnings);
  let rows = 0;
  const hide = showProgress(style, () => ({ ...NOTHING_SENT, done: rows, doing: 'looking at rows' }));
  const dryRun = await lookAhead(report, () => rows++).finally(hide);
  if (json) console.log(JSON.stringify(dryRunJson(report, dryRun, warnings), null, 2));
  else if (!quiet) for (const line of dryRunLines(report, dryRun)) console.log(line);
  return 0;
}

const NOTHING_SENT = { failed: 0, inFlight: 0, total: null, isEstimate: false };

async function lookAhead(report: Report, seen: () => void): Promise<DryRun> {
  const tables = await openTables(report, { folder: null, startedAt: new Date() });
  try {
    return await dryRunOf(report, tables, seen);
  } finally {
    await tables.close();
  }
}
