import type { Verdict } from '../../diagnose/browser.ts';

/** Why a verdict names no cause: nothing to see, or too little evidence. */
export function reasonOfNoCause({ exchanges, overlap, facts, recorders }: Verdict): string {
  if (exchanges === 0) return 'The trace has no requests: there is nothing to see.';
  if (overlap === 'concurrent') return 'There is no cause to look for: nothing held the requests up.';
  if (facts.length > 0 && overlap !== 'unknown')
    return 'No cause is blamed. What was seen is in the notes below.';
  const missed = recorders.flatMap((recorder) => recorder.missed ?? []);
  const how = missed.length === 0 ? '' : ` ${missed.join(' ')}`;
  if (overlap === 'unknown') return `There is not enough evidence to look for a cause.${how}`;
  return `No cause is known: no recorder saw what the requests waited for.${how}`;
}
