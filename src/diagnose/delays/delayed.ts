import type { Evidence } from '../evidence.ts';
import { lossUs } from '../groups.ts';
import type { DelayReason, Judgement } from '../judgement.ts';
import { LEAST_FACTOR, LEAST_LOST_US, MOSTLY } from '../thresholds.ts';
import { heldWritesOf } from './held-writes.ts';
import { failuresMadeAgain, throttlingOf } from './refusals.ts';
import { madeAgainText, throttledText, twoTripsText } from './texts.ts';
import { twoTripsOf } from './trips.ts';

/** A judgement, and what is to be said of what delayed its requests themselves, whatever their overlap. */
export interface Delayed {
  readonly judgement: Judgement;
  readonly facts: readonly string[];
  /** The end of the sentence of the verdict, where this is what held it up. */
  readonly said: string;
}

/**
 * Requests may overlap as far as they can and take long all the same: some are refused, or fail, and wait to be made
 * again, or each takes two exchanges. Such a delay is lifted as any other: what would be saved says whether it delayed
 * the run. `headline` is what would be said of the run, `whole` is of all of it.
 */
export function delayed(headline: Judgement, whole: Judgement, evidence: Evidence): Delayed {
  const throttling = throttlingOf(evidence);
  if (throttling !== undefined) {
    const judgement = without(throttling.lostUs, headline, whole, 'throttled');
    const { refused, exchanges, statuses } = throttling;
    return {
      judgement: judgement ?? headline,
      facts: [throttledText(throttling)],
      said: judgement === undefined ? '' : `; ${refused} of ${exchanges} exchanges were answered ${statuses}`,
    };
  }
  const failures = failuresMadeAgain(evidence);
  const retried = failures && without(failures.lostUs, headline, whole, 'made again');
  if (failures !== undefined && retried !== undefined)
    return {
      judgement: retried,
      facts: [madeAgainText(failures)],
      said: `; ${failures.refused} of ${failures.exchanges} exchanges failed and were made again`,
    };
  const isOpen = headline.overlap === 'concurrent' || headline.because === 'wanted unseen';
  const writes = isOpen ? heldWritesOf(evidence.exchange, evidence.block) : undefined;
  const unheld =
    writes && without((whole.wallUs * writes.heldUs) / writes.totalUs, headline, whole, 'held writes');
  if (writes !== undefined && unheld !== undefined)
    return {
      judgement: unheld,
      facts: [],
      said: `; ${writes.requests} requests waited for an acknowledgement in the middle`,
    };
  const trips = twoTripsOf(evidence);
  if (trips === undefined) return { judgement: headline, facts: [], said: '' };
  const lost = (whole.wallUs * trips.firstUs) / trips.bothUs;
  const shorter = isOpen ? without(lost, headline, whole, 'two trips') : undefined;
  // A token and a report are the caller's; what the server refuses or sends on is of the request itself.
  const judgement: Judgement | undefined =
    shorter !== undefined && (trips.kind === 'token' || trips.kind === 'report')
      ? { ...shorter, step: 'wanted' }
      : shorter;
  return {
    judgement: judgement ?? headline,
    facts: [twoTripsText(trips)],
    said: judgement === undefined ? '' : '; each request takes two trips',
  };
}

/** As if that much had not been lost; undefined where it is little, or more was lost to something else. */
function without(
  lostUs: number,
  headline: Judgement,
  whole: Judgement,
  because: DelayReason,
): Judgement | undefined {
  const { wallUs } = whole;
  const possibleWallUs = wallUs - lostUs;
  if (lostUs < LEAST_LOST_US || wallUs < LEAST_FACTOR * possibleWallUs) return undefined;
  // The causes of a blocked thread or loop explain its wait better.
  const isHeld = headline.step === 'sent' || headline.step === 'read';
  if ((isHeld ? MOSTLY * lostUs : lostUs) < MOSTLY * lossUs(headline)) return undefined;
  return {
    ...whole,
    overlap: whole.overlap === 'serial' ? 'serial' : 'partly',
    step: 'answered',
    because,
    question: null,
    possibleWallUs,
    factor: wallUs / possibleWallUs,
  };
}
