import type { Judgement } from '../../record/index.ts';
import { isWithin } from '../../tally/index.ts';
import type { Report } from '../report.ts';
import type { Fetching } from './fetching.ts';
import type { ReportOutcome, RequestOutcome, RunOptions, Stopped } from './options.ts';
import { totalProof } from './proof.ts';

/** How an invocation went, beside what it fetched. */
export type Course = Pick<
  ReportOutcome,
  | 'folder'
  | 'resumed'
  | 'finished'
  | 'trace'
  | 'stopped'
  | 'partial'
  | 'checks'
  | 'dumps'
  | 'notResumed'
  | 'notes'
>;

/** The result of an invocation that has ended. */
export function outcomeOf(
  report: Report,
  { distribution, warnings }: RunOptions,
  { outcomes, executed, tally, notes }: Fetching,
  { verdict, traceFault }: Pick<Judgement, 'verdict' | 'traceFault'>,
  course: Course,
): ReportOutcome {
  const rows = sum(outcomes.map(({ done }) => done));
  const failed = sum(outcomes.map((outcome) => outcome.failed));
  // How many may fail is said of all shards.
  const isWhole = distribution?.shard === undefined;
  const tooManyFailed = isWhole && !isWithin(report.maxFailed, failed, rows);
  const isBad = tooManyFailed || course.checks.some(({ good }) => !good);
  return {
    ...course,
    report: report.name,
    wallMs: sum(executed.map(({ wallMs }) => wallMs)),
    requests: outcomes,
    proof: totalProof(executed, verdict),
    verdict,
    tally,
    abandoned: sum(executed.map(({ abandoned }) => abandoned)),
    tooManyFailed,
    notes: [
      ...course.notes,
      ...notes,
      ...outcomes.flatMap(notesOf),
      ...new Set(executed.flatMap((each) => each.notes)),
      ...(traceFault === null ? [] : [traceFault.message]),
    ],
    warnings,
    exitCode: exitCode(course.finished, course.stopped, isBad),
  };
}

/** What a reader of the tables should know of a request. */
function notesOf({ name, unchanged }: RequestOutcome): readonly string[] {
  if (unchanged === 0) return [];
  const answers = unchanged === 1 ? '1 answer' : `${unchanged} answers`;
  return [`${name}: ${answers} had not changed, and came from the cache`];
}

/** As every command of abreast has them. */
function exitCode(finished: boolean, stopped: Stopped | null, bad: boolean): ReportOutcome['exitCode'] {
  if (stopped?.why === 'interrupt' && stopped.twice) return 130;
  if (stopped?.why === 'fault') return stopped.exitCode;
  if (!finished) return 3;
  return bad ? 1 : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
