import { accountJson, rounded } from '../../tally/index.ts';
import type { ReportOutcome, Stopped } from './options.ts';

/** Origins that are named for their slowness. */
const MOST_SLOWEST = 20;

/** What came of a run, for programs: the verdict of `abreast judge`, and under `report` the run's own account. */
export function summaryJson(outcome: ReportOutcome): object {
  const { tally, proof, verdict, ...rest } = outcome;
  const { report, folder, resumed, finished, stopped, exitCode } = rest;
  return {
    finished,
    partial: rest.partial,
    exitCode,
    ...verdict,
    report: {
      name: report,
      folder,
      resumed,
      stopped: stopped === null ? null : stopText(stopped),
      wallMs: rounded(rest.wallMs),
      requests: rest.requests,
      abandoned: rest.abandoned,
      ...accountJson(proof, tally, MOST_SLOWEST),
      tooManyFailed: rest.tooManyFailed,
      checks: rest.checks,
      dumps: rest.dumps.map(({ shown, ...dump }) => dump),
      notResumed: rest.notResumed,
      notes: rest.notes,
      warnings: rest.warnings,
    },
  };
}

/** Why a run ended before its end, as a sentence. */
export function stopText(stopped: Stopped): string {
  if (stopped.why !== 'interrupt') return stopped.text;
  return `stopped by ${stopped.by === 'SIGINT' ? 'Ctrl-C' : stopped.by}.`;
}
