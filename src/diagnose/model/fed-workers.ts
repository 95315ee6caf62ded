import { msOf } from '../found.ts';
import { calledOf, ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { isFillingCall } from '../languages/index.ts';
import { ofScene } from '../scene/scene.ts';
import { unionUs } from '../spans.ts';
import { threadOf } from '../threads.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import type { FewWorkers } from './workers.ts';

/** The producers of a queue wait at least so much of the time: a queue that they wait for at its end is no limit. */
const LEAST_WAITED = 0.3;

/** Few workers take requests from a queue, and its producers wait until there is room, or until it is empty. */
export const fedWorkers = ofScene((scene): FewWorkers | undefined => {
  const { exchanges, judgement } = scene;
  if (judgement.overlap !== 'serial' && judgement.overlap !== 'partly') return undefined;
  const takers = new Set(exchanges.map(({ exchange }) => threadOf(exchange)));
  const waits = scene.blocks.flatMap((block) => {
    const isTaker = takers.has(threadOf(block));
    const called = isTaker ? undefined : scene.framesOf(block.stack).find(isFillingCall);
    return called === undefined ? [] : [{ block, called }];
  });
  const us = unionUs(
    waits.map(({ block }) => block),
    scene,
  );
  const [first] = waits;
  if (first === undefined || us < LEAST_WAITED * (scene.toUs - scene.fromUs)) return undefined;
  const workers = takers.size;
  const { max } = judgement.inFlight;
  // Where fewer are in flight than there are workers, something else lets so few of them through.
  if (max > workers || max < NEARLY_ALL * workers || exchanges.length < 2 * workers) return undefined;
  const own = ownFrame(scene.framesOf(exchanges[0]!.exchange.stack));
  const filler = ownFrame(scene.framesOf(first.block.stack));
  const at = own === undefined ? '' : ` (${placeOf(own)})`;
  const { thread } = exchanges[0]!.exchange;
  return {
    workers,
    found: {
      confidence: 'likely',
      share: scene.lostShare,
      text:
        workers === 1
          ? `One worker takes all requests from a queue, one at a time${at}.`
          : `At most ${workers} at a time: ${workers} workers take all requests from a queue${at}.`,
      because: [
        `Its caller waits in ${calledOf(first.called)}${filler === undefined ? '' : ` at ${placeOf(filler)}`}.`,
      ],
      places: placesOf(own, filler, first.called),
      evidence: [
        { kind: 'waits', waits: waits.length, ms: msOf(us) },
        ...(workers > 1 || thread === undefined
          ? []
          : [{ kind: 'thread', thread, exchanges: exchanges.length } as const]),
      ],
    },
  };
});
