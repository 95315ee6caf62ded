import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import type { Scene } from '../scene/scene.ts';
import type { FewWorkers } from './workers.ts';

/** Workers that take the next of a list that nobody sees, each when its own request is read. */
export function relayWorkers(scene: Scene): FewWorkers | undefined {
  const { relay } = scene.judgement;
  if (relay === null) return undefined;
  const { size, full } = relay;
  const stacks = Map.groupBy(scene.exchanges, ({ exchange: { stack } }) => stack);
  const [most] = [...stacks].sort(([, one], [, other]) => other.length - one.length);
  const own = ownFrame(scene.framesOf(most?.[0]));
  return {
    workers: size,
    found: {
      confidence: 'likely',
      share: scene.lostShare,
      text: `At most ${size} at a time: the next is asked for${own === undefined ? '' : ` at ${placeOf(own)}`} only when one of them has been read, though no URL came out of an earlier answer.`,
      because: [`${size} workers that take from one list would do that.`],
      places: placesOf(own),
      evidence: [{ kind: 'in-flight', max: size, full }],
    },
  };
}
