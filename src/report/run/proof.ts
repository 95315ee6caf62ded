import type { Verdict } from '../../diagnose/index.ts';
import type { Executed } from '../../execute/index.ts';
import type { ConcurrencySummary, GivenUpTo } from '../../fetch/index.ts';

/**
 * One proof of all that was fetched, by any number of engines at once and one after another: overlap is the sum of
 * what was in flight over the sum of what was wanted; how many were in flight at once is counted over all exchanges.
 */
export function totalProof(executed: readonly Executed[], verdict: Verdict): ConcurrencySummary {
  const proofs = executed.flatMap((each) => each.proofs);
  const waits = executed.flatMap((each) => each.waited ?? []);
  if (proofs.length === 1 && waits.length === 0) return proofs[0]!;
  const inFlightMs = sum(proofs.map((proof) => proof.inFlightMean * proof.activeMs));
  // Engines count what they have: what none of them had was wanted, too.
  const missedMs = sum(waits.flatMap(({ givenUpMs }) => Object.values(givenUpMs)));
  const wantedMs = sum(proofs.map((proof) => proof.wantedMean * proof.activeMs)) + missedMs;
  const overlap = wantedMs === 0 ? 1 : Math.min(1, inFlightMs / wantedMs);
  const meanOfTrace = verdict.inFlight.mean ?? 0;
  const activeMs =
    (meanOfTrace === 0 ? 0 : inFlightMs / meanOfTrace) + sum(waits.map(({ idleMs }) => idleMs));
  const inFlightMean = activeMs === 0 ? 0 : inFlightMs / activeMs;
  return {
    inFlightMean,
    inFlightMax: verdict.inFlight.max ?? 0,
    wantedMean: inFlightMean / (overlap || 1),
    overlap,
    activeMs,
    givenUpMs: givenUp([...proofs, ...waits]),
    loopBusy: loopBusyOf(proofs),
  };
}

/** An engine that was active for a shorter part of the time of the longest one is busy with its start. */
const LEAST_ACTIVE = 0.5;

/** How busy the busiest loop was. */
function loopBusyOf(proofs: readonly ConcurrencySummary[]): number {
  const longestMs = Math.max(0, ...proofs.map(({ activeMs }) => activeMs));
  const long = proofs.filter(({ activeMs }) => activeMs >= LEAST_ACTIVE * longestMs);
  return Math.max(0, ...long.map(({ loopBusy }) => loopBusy));
}

function givenUp(proofs: readonly Pick<ConcurrencySummary, 'givenUpMs'>[]): ConcurrencySummary['givenUpMs'] {
  const total: Partial<Record<GivenUpTo, number>> = {};
  for (const { givenUpMs } of proofs)
    for (const [reason, ms] of Object.entries(givenUpMs) as [GivenUpTo, number][])
      total[reason] = (total[reason] ?? 0) + ms;
  return total;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
