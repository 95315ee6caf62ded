import { duration } from '../numbers.ts';
import { overlapUs, type Scene } from '../scene/scene.ts';
import { isComputing } from '../waits.ts';

/** Shorter pauses are what a program does between two requests. */
const LEAST_SHARE = 0.3;
/** How far pauses may be from their mean (standard deviation over mean) to be made by a clock. */
const MOST_UNEVEN = 0.3;
const LEAST = 4;

/**
 * What is to be said of a program that stands still for the same time between each two of its requests: it asks again
 * until something is done, or spares the server. Such a pause is meant, whatever could be asked for meanwhile.
 */
export function pausesFact({ judgement, exchanges, blocks, fromUs, toUs }: Scene): string | undefined {
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || judgement.wanted === null)
    return undefined;
  const busy = blocks.filter(isComputing);
  const pauses = exchanges.slice(1).map(({ times }, index) => {
    const endUs = exchanges[index]!.endUs;
    const busyUs = busy.reduce(
      (sum, block) => sum + overlapUs(block.fromUs, block.toUs, endUs, times.wanted),
      0,
    );
    return Math.max(0, times.wanted - endUs - busyUs);
  });
  if (pauses.length < LEAST) return undefined;
  const mean = pauses.reduce((sum, us) => sum + us, 0) / pauses.length;
  const variance = pauses.reduce((sum, us) => sum + (us - mean) ** 2, 0) / pauses.length;
  if (mean * pauses.length < LEAST_SHARE * (toUs - fromUs) || Math.sqrt(variance) > MOST_UNEVEN * mean)
    return undefined;
  return `The program stands still for ${duration(mean)} between each two requests: it asks again until something is done, or spares the server. That is no fault.`;
}
