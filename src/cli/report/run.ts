import { writeFileSync } from 'node:fs';
import { version } from '../../package/index.ts';
import {
  checkSql,
  lookalikesOf,
  type Report,
  type ReportOutcome,
  readReport,
  runReport,
  summaryJson,
  TEST_SERVER,
  withTestServerAt,
} from '../../report/index.ts';
import { loadTables, paint, showProgress } from '../../view/index.ts';
import { refuseUnwritable, writeHtml } from '../html.ts';
import { onInterrupts } from '../interrupts.ts';
import { UsageError } from '../usage.ts';
import { distributionOf, scratchFolder } from './distribution.ts';
import type { ReportFlags } from './options.ts';
import { startOwnServer } from './server.ts';
import { figuresOf, reasonOfStop, summaryOf, tellWarnings, troubleOf } from './summary.ts';

/** Runs a report file and prints its results; gives the exit code. @throws errors that the user has to fix */
export async function runFile(file: string, flags: ReportFlags): Promise<number> {
  if (flags.shard === undefined) return runIn(file, flags);
  // What it leaves is in --parts: its own folder is of no use to anybody afterwards.
  await using folder = await scratchFolder();
  return await runIn(file, { ...flags, out: folder.path });
}

async function runIn(file: string, flags: ReportFlags): Promise<number> {
  if (flags.html !== undefined) refuseUnwritable(flags.html);
  const report = await reportOf(file, process.env, flags);
  // Bad SQL is reported before the first request, not after the last.
  const warnings = lookalikesOf(report, await checkSql(report));
  if (!flags.quiet) tellWarnings(warnings);
  if (report.testServer === null || process.env[TEST_SERVER])
    return tell(await perform(report, flags, warnings, null), flags);
  await using server = await startOwnServer(report.testServer.host);
  const served = await reportOf(file, withTestServerAt(server.url, process.env), flags);
  return tell(await perform(served, flags, warnings, server.url), flags);
}

/** The options of the file, overridden by those of the command line. */
async function reportOf(file: string, env: NodeJS.ProcessEnv, { maxMemory }: ReportFlags): Promise<Report> {
  const report = await readReport(file, env);
  if (maxMemory === undefined) return report;
  return { ...report, limits: { ...report.limits, maxMemoryBytes: maxMemory } };
}

async function perform(
  report: Report,
  flags: ReportFlags,
  warnings: readonly string[],
  testServer: string | null,
): Promise<ReportOutcome> {
  const others = await distributionOf(flags, testServer);
  const run = runReport(flags.csvSafe ? withSafeCsv(report) : report, {
    mode: modeOf(flags),
    out: flags.out ?? null,
    workers: flags.workers,
    version: version(),
    command: process.argv.slice(1),
    warnings,
    ...(others !== null && { distribution: others.distribution }),
  });
  const release = onInterrupts({
    underWay: () => run.progress().inFlight,
    stop: run.stop.bind(run),
    abort: run.abort.bind(run),
  });
  if (!flags.quiet) run.begun.then(tellResumed, () => {}); // what keeps it from beginning, `finished` says
  const hide = showProgress(progressOf(flags), () => ({
    ...figuresOf(run.progress()),
    ...others?.figures?.(),
  }));
  try {
    const outcome = await run.finished;
    return others === null ? outcome : others.told(outcome);
  } finally {
    hide();
    release();
    await others?.close?.();
  }
}

/** Every CSV file of the report without formulas. */
function withSafeCsv(report: Report): Report {
  return {
    ...report,
    dumps: report.dumps.map((dump) =>
      dump.to.kind === 'csv' ? { ...dump, to: { ...dump.to, csvSafe: true } } : dump,
    ),
  };
}

function tellResumed({ folder, resumed }: { folder: string; resumed: boolean }): void {
  if (resumed) console.error(`continuing ${folder} with its planned rows`);
}

function modeOf(flags: ReportFlags) {
  if (flags.retryFailed) return 'retry-failed';
  if (flags.resumeOrStart) return 'resume-or-start';
  return flags.resume ? 'resume' : 'new';
}

function progressOf(flags: ReportFlags) {
  if (flags.quiet) return 'none';
  return flags.progress ?? (process.stderr.isTTY ? 'bar' : 'line');
}

/** Tables for the terminal are the result: they go where results go, unless JSON does. */
async function tell(outcome: ReportOutcome, flags: ReportFlags): Promise<number> {
  const print = flags.json ? console.error : console.log;
  const stream = flags.json ? process.stderr : process.stdout;
  for (const { table, shown, rows } of outcome.dumps)
    if (shown !== null) {
      const { tableLines } = await loadTables();
      const title = paint('faint', outcome.partial ? `${table} (partial)` : table, stream);
      print([title, ...tableLines(shown, rows, stream), ''].join('\n'));
    }
  const stop = reasonOfStop(outcome, flags);
  if (stop !== null) console.error(stop);
  for (const line of flags.quiet ? troubleOf(outcome) : summaryOf(outcome, flags)) console.error(line);
  const json = JSON.stringify(summaryJson(outcome), null, 2);
  if (flags.json) console.log(json);
  if (flags.jsonFile !== undefined) writeJson(flags.jsonFile, json);
  if (flags.html !== undefined)
    await writeHtml(flags.html, [
      { trace: outcome.trace, verdict: outcome.verdict, name: `abreast report ${outcome.report}` },
    ]);
  return outcome.exitCode;
}

function writeJson(file: string, json: string): void {
  try {
    writeFileSync(file, `${json}\n`, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(`--json-file ${file} can't be written: ${(error as Error).message}`);
  }
}
