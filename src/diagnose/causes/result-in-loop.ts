import { msOf } from '../found.ts';
import { calledOf, framesBelowOwn, ownFrame, placeOf, placesOf, toPlace } from '../languages/frames.ts';
import { isResultCall } from '../languages/index.ts';
import { rule } from '../rule.ts';
import { unionUs } from '../scene/holding.ts';
import { MOSTLY } from '../scene/thresholds.ts';

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
    const workers = new Set(exchanges.map(({ exchange: { pid, thread } }) => `${pid}:${thread}`));
    const waits = scene.blocks.flatMap((block) => {
      if (workers.has(`${block.pid}:${block.thread}`)) return [];
      const frames = scene.framesOf(block.stack);
      const called = framesBelowOwn(frames).at(-1);
      const own = ownFrame(frames);
      return called === undefined || own === undefined || !isResultCall(called)
        ? []
        : [{ block, called, own }];
    });
    // One long wait for all is the end of a program, not a loop.
    if (waits.length < MOSTLY * exchanges.length) return undefined;
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
