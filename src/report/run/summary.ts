import type { ReportOutcome, Stopped } from './options.ts';

/** Origins that are named for their slowness. */
const MOST_SLOWEST = 20;

/** What came of a run, for programs: the verdict of `abreast judge`, and under `report` the run's own account. */
export function summaryJson(outcome: ReportOutcome): object {
  const { tally, proof, verdict, ...rest } = outcome;
  const { report, folder, resumed, finished, stopped, exitCode } = rest;
  return {
    finished,
    exitCode,
    ...verdict,
    report: {
      name: report,
      folder,
      resumed,
      stopped: stopped === null ? null : stopText(stopped),
      wallMs: rounded(rest.wallMs),
      bytes: tally.bytes,
      requests: rest.requests,
      inFlight: { mean: rounded(proof.inFlightMean), max: proof.inFlightMax },
      wanted: rounded(proof.wantedMean),
      overlap: rounded(proof.overlap),
      givenUpMs: Object.fromEntries(
        Object.entries(proof.givenUpMs).map(([reason, ms]) => [reason, rounded(ms)]),
      ),
      loopBusy: rounded(proof.loopBusy),
      statuses: Object.fromEntries(tally.statuses),
      failures: tally.failures(),
      tooManyFailed: rest.tooManyFailed,
      slowest: tally
        .slowestOrigins(MOST_SLOWEST)
        .map((slow) => ({ ...slow, meanMs: rounded(slow.meanMs), maxMs: rounded(slow.maxMs) })),
      checks: rest.checks,
      dumps: rest.dumps.map(({ shown, ...dump }) => dump),
      notes: rest.notes,
    },
  };
}

/** Why a run ended before its end, as a sentence. */
export function stopText(stopped: Stopped): string {
  if (stopped.why !== 'interrupt') return stopped.text;
  return `stopped by ${stopped.by === 'SIGINT' ? 'Ctrl-C' : stopped.by}.`;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
