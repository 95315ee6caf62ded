import { accountJson, isWithin, rounded } from '../../tally/index.ts';
import { concurrencyWord, type SummaryFigures, summaryLines } from '../../view/index.ts';
import { howToResume } from '../resume.ts';
import { UsageError } from '../usage.ts';
import type { GetFlags } from './options.ts';
import type { GetOutcome } from './run.ts';

/** The slowest origins that are named. */
const MOST_SLOWEST = 3;
const MOST_SLOWEST_JSON = 20;

/** The exit code, as every command of abreast has them. */
export function exitCode(outcome: GetOutcome, flags: GetFlags): number {
  const { interrupted, storeFault, inputFailure, traceFault, tally, expectation } = outcome;
  if (interrupted?.twice) return 130;
  // The reader of our results has ended: `| head` is not an error.
  if (storeFault !== null) return storeFault.fault === 'reader-gone' ? 0 : 3;
  if (inputFailure !== null) return 2;
  if (interrupted !== null || traceFault !== null) return 3;
  if (!isWithin(flags.maxFailed, tally.failed, tally.results)) return 1;
  if (expectation?.met === false) return 1;
  return expectation?.met === null ? 125 : 0;
}

/** Why the run ended before its input did, and how to go on; null when it did not. */
function reasonOfStop(outcome: GetOutcome): string | null {
  const { storeFault, inputFailure, interrupted, resumable } = outcome;
  const how = resumable ? ` ${howToResume(process.argv.slice(2))}` : '';
  if (storeFault !== null) return `${storeFault.message}${how}`;
  if (inputFailure !== null) return `${inputFailure.message}${inputFailure instanceof UsageError ? '' : how}`;
  if (interrupted === null) return null;
  return `stopped by ${interrupted.by === 'SIGINT' ? 'Ctrl-C' : interrupted.by}.${how}`;
}

/** What is printed with --quiet, too: why the run ended early, and what was not written. */
export function troublesOf(outcome: GetOutcome): readonly string[] {
  return [reasonOfStop(outcome), outcome.traceFault?.message].filter((text) => typeof text === 'string');
}

/** The summary for people. */
export function summaryOf(outcome: GetOutcome, flags: GetFlags): readonly string[] {
  const { summary, tally, abandoned, expectation, doneBefore } = outcome;
  const figures: SummaryFigures = {
    results: tally.results,
    failed: tally.failed,
    abandoned,
    wallMs: summary.wallMs,
    doneBefore,
    proof: summary.proof,
    verdict: concurrencyWord(summary.proof, outcome.verdict),
    statuses: tally.statuses,
    failures: tally.failures(),
    slowest: tally.slowestOrigins(MOST_SLOWEST),
    expectation,
    notes: summary.notes,
    files: filesOf(flags),
  };
  return summaryLines(figures);
}

function filesOf(flags: GetFlags): readonly string[] {
  const files: string[] = [];
  if (flags.output !== undefined && flags.output !== '-') files.push(`results: ${flags.output}`);
  if (flags.bodies !== 'none' && flags.bodies !== 'inline') files.push(`bodies: ${flags.bodies}`);
  if (flags.trace !== undefined) files.push(`trace: ${flags.trace}`);
  if (flags.html !== undefined) files.push(`page: ${flags.html}`);
  return files;
}

/** The summary for programs: the verdict of `abreast judge`, and under `get` the run's own account. */
export function jsonOf(outcome: GetOutcome, flags: GetFlags): object {
  const { summary, tally, abandoned, verdict, expectation, traceFault, doneBefore } = outcome;
  return {
    ...verdict,
    trace: flags.trace ?? null,
    get: {
      results: tally.results,
      failed: tally.failed,
      abandoned,
      doneBefore,
      wallMs: rounded(summary.wallMs),
      stopped: reasonOfStop(outcome),
      ...accountJson(summary.proof, tally, MOST_SLOWEST_JSON),
      expectation,
      notes: traceFault === null ? summary.notes : [...summary.notes, traceFault.message],
      output: flags.output ?? null,
      exitCode: exitCode(outcome, flags),
    },
  };
}
