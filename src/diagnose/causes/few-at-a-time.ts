import type { Cause } from './cause.ts';
import { type Scene, type Seen, unsentUs } from './scene.ts';

/** A program that keeps so many in flight, seen from outside: a fact, of which nobody saw the reason. */
export function fewAtATime(scene: Scene): Cause | undefined {
  const { judgement, exchanges } = scene;
  const { inFlight, asked, overlap } = judgement;
  if (asked !== null || overlap !== 'unknown' || judgement.because !== 'asked unseen') return undefined;
  const level = inFlight.max;
  if (
    level < 2 ||
    exchanges.length < 2 * level ||
    inFlight.mean < 0.8 * level ||
    unsentUs(exchanges) === Infinity
  )
    return undefined;
  const connections = new Set(exchanges.map(({ exchange }) => exchange.connection)).size;
  const cpus = scene.evidence.host?.cpus;
  return {
    id: 'few-at-a-time',
    confidence: 'possible',
    text: `At most ${level} at a time, all the time: ${exchanges.length} requests on ${connections} connections${level === cpus ? '; that is the number of CPUs' : ''}. Whether more were wanted nobody saw.`,
    share: 0,
    evidence: [
      `in flight: ${inFlight.mean.toFixed(1)} in the mean, ${level} at most`,
      reuseText(exchanges, connections),
    ],
    remedy:
      'A connection pool, a semaphore, or so many workers would all look like this: say what was wanted (--asked N), or run it with that one limit raised.',
    reference: null,
  };
}

function reuseText(exchanges: readonly Seen[], connections: number): string {
  return connections === exchanges.length
    ? 'each on a connection of its own: what limits it lies before the connections (workers, a semaphore)'
    : `${exchanges.length - connections} reused a connection`;
}
