import { limitsAt, limitText } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { MOSTLY_FULL } from '../thresholds.ts';

/** Each worker must have made so many requests. */
const TURNS = 3;

/**
 * What to say of requests that overlap as far as they are wanted, by workers that were there before the
 * work: what waits for these workers nobody sees, and there may be more of it.
 */
export function workersFact(scene: Scene): string | undefined {
  const { overlap, wanted, exchanges, inFlight } = scene.judgement;
  if (overlap !== 'concurrent' || wanted === null || inFlight.max < wanted) return undefined;
  if (exchanges < TURNS * wanted || inFlight.full < MOSTLY_FULL) return undefined;
  const [limit] = limitsAt(scene, ['workers'], wanted);
  if (limit === undefined) return undefined;
  return `Never more than ${wanted} were wanted at once, each when its worker had read the one before: ${limitText(limit, scene)}. If work waited for a worker, more workers would have more requests in flight.`;
}
