import { type CauseFound, msOf } from '../found.ts';
import { calledOf, ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { isFillingCall } from '../languages/index.ts';
import { rule } from '../rule.ts';
import { unionUs } from '../scene/holding.ts';
import type { Scene } from '../scene/scene.ts';
import { fewWorkers } from '../scene/workers.ts';

/** Who fills a queue waits for it at least so much of the time: a queue that is worked off at its end is no limit. */
const LEAST_WAITED = 0.3;

/** A pool of one, or a queue with one thread that takes from it. */
export const oneWorker = rule({
  id: 'one-worker',
  step: 'wanted',
  means: 'one worker takes all requests from a queue',
  toldFrom: 'a pool of one; or one thread asks, while others wait in `put()` or `join()`',
  fix: {
    any: 'Start more workers on this queue, if the server can take more at once.',
    python: 'Start more threads that take from this queue, if the server can take more at once.',
  },
  sure: 'certain with the waits and the limit, else likely',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const few = fewWorkers(scene);
    return few?.workers === 1 ? few.found : oneTaker(scene);
  },
});

/** Those who fill a queue wait, and one thread takes from it. */
function oneTaker(scene: Scene): CauseFound | undefined {
  const { judgement, exchanges } = scene;
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || exchanges.length < 2) return undefined;
  const workers = new Set(exchanges.map(({ exchange: { pid, thread } }) => `${pid}:${thread}`));
  if (workers.size !== 1) return undefined;
  const waits = scene.blocks.flatMap((block) => {
    if (workers.has(`${block.pid}:${block.thread}`)) return [];
    const frames = scene.framesOf(block.stack);
    const called = frames.find(isFillingCall);
    return called === undefined ? [] : [{ block, called, frames }];
  });
  const us = unionUs(
    waits.map(({ block }) => block),
    scene,
  );
  const [first] = waits;
  if (first === undefined || us < LEAST_WAITED * (scene.toUs - scene.fromUs)) return undefined;
  const own = ownFrame(scene.framesOf(exchanges[0]!.exchange.stack));
  const filler = ownFrame(first.frames);
  const { thread } = exchanges[0]!.exchange;
  return {
    confidence: 'likely',
    share: scene.lostShare,
    text: `One worker takes all requests from a queue, one at a time${own === undefined ? '' : ` (${placeOf(own)})`}.`,
    because: [
      `Its caller waits in ${calledOf(first.called)}${filler === undefined ? '' : ` at ${placeOf(filler)}`}.`,
    ],
    places: placesOf(own, filler, first.called),
    evidence: [
      { kind: 'waits', waits: waits.length, ms: msOf(us) },
      ...(thread === undefined ? [] : [{ kind: 'thread', thread, exchanges: exchanges.length } as const]),
    ],
  };
}
