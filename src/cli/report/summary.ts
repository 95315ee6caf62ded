import { isAbsolute, relative } from 'node:path';
import { type Checked, type ReportOutcome, type ReportProgress, stopText } from '../../report/index.ts';
import { concurrencyWord, count, type ProgressFigures, paint, summaryLines } from '../../view/index.ts';
import { howToResume } from '../resume.ts';
import type { ReportFlags } from './options.ts';

/** The slowest origins that are named. */
const MOST_SLOWEST = 3;

/** The state of a run, for its progress line. */
export function figuresOf(progress: ReportProgress): ProgressFigures {
  const isFetching = progress.phase === 'beginning' || progress.phase === 'fetching';
  return { ...progress, doing: isFetching ? null : progress.phase };
}

/** Warnings about the file: they stop nothing, so they are printed before anything else. */
export function tellWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) console.error(paint('warn', warning));
}

/** Why a run ended before its end, and how to continue it; null when it did not. */
export function reasonOfStop({ stopped }: ReportOutcome, { shard }: ReportFlags): string | null {
  if (stopped === null) return null;
  const why = stopText(stopped);
  // What others have at the place of the parts does not become other rows.
  if (shard !== undefined && stopped.why === 'fault' && stopped.exitCode === 2) return why;
  const next =
    shard === undefined
      ? howToResume(process.argv.slice(2))
      : 'To continue, run the same command: it fetches only what is missing.';
  return `${why}${/[.!?]$/.test(why) ? '' : '.'} ${next}`;
}

/** The summary for people. */
export function summaryOf(outcome: ReportOutcome, { shard }: ReportFlags): readonly string[] {
  const { tally, proof, requests } = outcome;
  return summaryLines({
    results: tally.results,
    failed: tally.failed,
    abandoned: outcome.abandoned,
    wallMs: outcome.wallMs,
    doneBefore: requests.reduce((sum, { doneBefore }) => sum + doneBefore, 0),
    proof,
    verdict: concurrencyWord(proof, outcome.verdict),
    statuses: tally.statuses,
    failures: tally.failures(),
    slowest: tally.slowestOrigins(MOST_SLOWEST),
    expectation: null,
    notes: [...notResumedLines(outcome), ...outcome.notes],
    files: [
      ...outcome.checks.flatMap(checkLines),
      ...tooManyLines(outcome),
      ...outcome.dumps
        .filter(({ shown }) => shown === null)
        .map(
          ({ table, to, rows }) =>
            `${table}: ${shortest(to)} (${count(rows)} ${rows === 1 ? 'row' : 'rows'}${outcome.partial ? ', partial' : ''})`,
        ),
      `${shard === undefined ? 'run' : 'parts'}: ${shortest(outcome.folder)}`,
    ],
  });
}

/** What went wrong, which is printed with --quiet, too. */
export function troubleOf(outcome: ReportOutcome): readonly string[] {
  return [
    ...notResumedLines(outcome),
    ...outcome.checks.filter(({ good }) => !good).flatMap(checkLines),
    ...tooManyLines(outcome),
  ];
}

function notResumedLines({ notResumed }: ReportOutcome): readonly string[] {
  return notResumed === null ? [] : [`this is a new run; ${notResumed}`];
}

function tooManyLines({ tooManyFailed, requests }: ReportOutcome): readonly string[] {
  if (!tooManyFailed) return [];
  const failed = requests.reduce((sum, request) => sum + request.failed, 0);
  const done = requests.reduce((sum, request) => sum + request.done, 0);
  return [
    paint('bad', `${count(failed)} of ${count(done)} rows failed: more than \`fail\` in the file allows`),
  ];
}

/** The shortest form of a path, from the current folder. */
function shortest(path: string): string {
  const near = isAbsolute(path) ? relative(process.cwd(), path) : path;
  return near !== '' && near.length < path.length ? near : path;
}

function checkLines({ name, good, rows, first }: Checked): readonly string[] {
  if (good) return [paint('good', `check ${name}: ok`)];
  const shown = first.map((row) => `  ${JSON.stringify(row)}`);
  const more = rows > first.length ? [`  and ${count(rows - first.length)} more`] : [];
  return [
    paint('bad', `check ${name}: failed, ${count(rows)} ${rows === 1 ? 'row' : 'rows'}`),
    ...shown,
    ...more,
  ];
}
