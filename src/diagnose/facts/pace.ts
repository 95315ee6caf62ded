import { duration } from '../numbers.ts';
import type { Scene } from '../scene/scene.ts';
import { sinceLast, unionUs } from '../spans.ts';
import { gapsBetween, median } from '../statistics.ts';
import { AT_ONCE, NEARLY_ALL } from '../thresholds.ts';
import { isComputing } from '../waits.ts';

/** Fewer have no rhythm. */
const LEAST = 8;
/** A distance between two requests that is further from their median is none of the clock's. */
const MOST_OFF = 0.2;
/** So many may follow the end of another by chance. */
const BY_CHANCE = 0.5;
/** Shorter distances are what a loop needs to begin one. */
const SHORTEST_US = 5_000;

/** Where all that was wanted was sent at once: so few are under way that the pace is what the run waits for. */
const MOST_UNDER_WAY = 4;
/** And so much of the time is computed at most: what it costs to make a request is no clock. */
const MOST_COMPUTED = 0.2;

/** Requests that begin at even distances, and do not follow the ends of others: nothing but a clock makes these. */
export function paceFact(scene: Scene): string | undefined {
  const { judgement, exchanges } = scene;
  if (judgement.because !== 'wanted unseen' && !isPacedWork(scene)) return undefined;
  const begun = exchanges
    .flatMap(({ times }) => (times.sent < Infinity ? times.sent : []))
    .sort((a, b) => a - b);
  const gaps = gapsBetween(begun);
  if (begun.length < LEAST) return undefined;
  const everyUs = median(gaps);
  const even = gaps.filter((us) => Math.abs(us - everyUs) <= MOST_OFF * everyUs);
  if (everyUs < SHORTEST_US || even.length < NEARLY_ALL * gaps.length) return undefined;
  const ends = Float64Array.from(exchanges, ({ endUs }) => endUs).sort();
  const following = begun.filter((us) => sinceLast(ends, us) <= AT_ONCE * everyUs);
  if (following.length > BY_CHANCE * begun.length) return undefined;
  return `A request begins every ${duration(everyUs)}, by the clock, whether or not others have ended: a timer or a rate limit of the program sets this pace.`;
}

/** Whether the program hands over little work at a time, whose requests are sent at once: nobody sees what waits for the clock. */
function isPacedWork({ judgement, blocks, units, fromUs, toUs }: Scene): boolean {
  if (judgement.overlap !== 'concurrent' || judgement.inFlight.mean > MOST_UNDER_WAY) return false;
  // Those who ask a server set its pace.
  if ([...units.values()].some(({ type }) => type === 'served-request')) return false;
  const computing = blocks.filter(isComputing);
  return unionUs(computing, { fromUs, toUs }) <= MOST_COMPUTED * (toUs - fromUs);
}
