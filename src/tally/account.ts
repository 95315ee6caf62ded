import type { ConcurrencySummary } from '../fetch/index.ts';
import type { Tally } from './tally.ts';

/** What a run was, for programs: how concurrent, and what came of it. Milliseconds to the microsecond. */
export function accountJson(proof: ConcurrencySummary, tally: Tally, mostSlowest: number) {
  return {
    bytes: tally.bytes,
    inFlight: { mean: rounded(proof.inFlightMean), max: proof.inFlightMax },
    wanted: rounded(proof.wantedMean),
    overlap: rounded(proof.overlap),
    givenUpMs: Object.fromEntries(
      Object.entries(proof.givenUpMs).map(([reason, ms]) => [reason, rounded(ms)]),
    ),
    loopBusy: rounded(proof.loopBusy),
    statuses: Object.fromEntries(tally.statuses),
    failures: tally.failures(),
    slowest: tally
      .slowestOrigins(mostSlowest)
      .map((slow) => ({ ...slow, meanMs: rounded(slow.meanMs), maxMs: rounded(slow.maxMs) })),
  };
}

/** To a thousandth: more digits are noise. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
