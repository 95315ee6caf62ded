import type { Scene } from '../scene/scene.ts';
import { isSteady } from '../words.ts';

/** What a program that keeps so many in flight, seen from outside, may be: a fact, of which nobody saw the reason. */
export function fewFact({ judgement, exchanges, evidence }: Scene): string | undefined {
  if (!isSteady(judgement)) return undefined;
  const connections = new Set(exchanges.map(({ exchange }) => exchange.connection)).size;
  const level = judgement.inFlight.max;
  const cpus = level === evidence.host?.cpus ? ' As many as there are CPUs.' : '';
  const reuse =
    connections === exchanges.length
      ? 'Each had a connection of its own: what limits them, if anything does, lies before the connections (workers, a semaphore).'
      : `They used ${connections} connections: a pool of these, a semaphore or so many workers would all look like this.`;
  return `${reuse}${cpus} Raise one of these limits and run it again to see which it is.`;
}
