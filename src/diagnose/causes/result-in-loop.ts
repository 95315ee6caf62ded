import type { Block } from '../../trace/index.ts';
import { msOf } from '../found.ts';
import { calledOf, framesBelowOwn, ownFrame, placeOf, placesOf, toPlace } from '../languages/frames.ts';
import { isResultCall } from '../languages/index.ts';
import { rule } from '../rule.ts';
import type { Seen } from '../scene/scene.ts';
import { unionUs } from '../spans.ts';
import { threadOf } from '../threads.ts';
import { MOSTLY } from '../thresholds.ts';
import { isQueued } from '../waits.ts';

/** Work that is handed over, and waited for at once: nothing ever waits in the queue. */
export const resultInLoop = rule({
  id: 'result-in-loop',
  step: 'wanted',
  means: 'work is handed to a pool and waited for at once',
  toldFrom: 'waits in `result()`, `get()`, `join()`, one a request, by another thread than the one that asks',
  fix: {
    any: 'Hand all of them over first and take the results afterwards.',
    python:
      'Hand all of them over first and take the results afterwards: `as_completed(futures)`, or `pool.map(get, urls)`.',
    ruby: 'Start all of them first and take the results afterwards: `threads.map(&:value)`.',
  },
  sure: 'certain',
  references: [
    {
      language: 'python',
      url: 'https://github.com/nipype/pydra/pull/44',
      title: 'fix: submitting with futures',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const { judgement, exchanges } = scene;
    if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || exchanges.length < 2)
      return undefined;
    const waits = scene.blocks.flatMap((block) => {
      // The stack of a wait in a pool's queue is that of the handover.
      if (isQueued(block)) return [];
      const frames = scene.framesOf(block.stack);
      const called = framesBelowOwn(frames).at(-1);
      const own = ownFrame(frames);
      return called === undefined || own === undefined || !isResultCall(called)
        ? []
        : [{ block, called, own }];
    });
    // One long wait for all is the end of a program, not a loop; and others may wait for what they do beside it.
    const ofRequests = waits.filter(({ block }) => isFollowed(exchanges, block));
    if (ofRequests.length < MOSTLY * exchanges.length) return undefined;
    const us = unionUs(
      waits.map(({ block }) => block),
      scene,
    );
    if (us < MOSTLY * (scene.toUs - scene.fromUs)) return undefined;
    const { called, own } = waits[0]!;
    return {
      confidence: 'certain',
      share: scene.lostShare,
      text: `Each request is waited for (${calledOf(called)} at ${placeOf(own)}) before the next is handed over.`,
      because: ['One at a time, and the pool never has more to do.'],
      places: placesOf(own, called),
      evidence: [{ kind: 'waits', waits: waits.length, ms: msOf(us), at: toPlace(called) }],
    };
  },
});

/** So much of a request's time a wait for it may end before it, or after the next was wanted: some are sampled. */
const NEAR = 0.2;

/** Whether a wait ends with a request of another thread, before the next one is wanted. They go one after another. */
function isFollowed(exchanges: readonly Seen[], block: Block): boolean {
  const { fromUs, toUs } = block;
  return exchanges.some(({ exchange, times, endUs }, at) => {
    if (threadOf(exchange) === threadOf(block)) return false;
    const nearUs = NEAR * (endUs - times.wanted);
    const nextUs = exchanges[at + 1]?.times.wanted ?? Infinity;
    return endUs > fromUs && endUs <= toUs + nearUs && nextUs >= toUs - nearUs;
  });
}
