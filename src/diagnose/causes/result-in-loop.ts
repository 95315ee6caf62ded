import { calledOf, framesBelowOwn, ownFrame, placeOf } from '../languages/frames.ts';
import { isResultCall } from '../languages/index.ts';
import type { Cause } from '../scene/cause.ts';
import { unionUs } from '../scene/holding.ts';
import { ofScene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** Work that is handed over, and waited for at once: nothing ever waits in the queue. */
export const resultInLoop = ofScene((scene): Cause | undefined => {
  const { judgement, exchanges } = scene;
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || exchanges.length < 2) return undefined;
  const workers = new Set(exchanges.map(({ exchange: { pid, thread } }) => `${pid}:${thread}`));
  const waits = scene.blocks.flatMap((block) => {
    if (workers.has(`${block.pid}:${block.thread}`)) return [];
    const frames = scene.framesOf(block.stack);
    const called = framesBelowOwn(frames).at(-1);
    if (called === undefined || !isResultCall(called)) return [];
    const own = ownFrame(frames);
    return own === undefined ? [] : [{ block, called, own }];
  });
  // One long wait for all is the end of a program, not a loop.
  if (waits.length < exchanges.length / 2) return undefined;
  const us = unionUs(
    waits.map(({ block }) => block),
    scene,
  );
  if (us < 0.5 * (scene.toUs - scene.fromUs)) return undefined;
  const { called, own } = waits[0]!;
  return {
    id: 'result-in-loop',
    confidence: 'certain',
    text: `Each request is waited for (${calledOf(called)} at ${placeOf(own)}) before the next is handed over: one at a time, and the pool never has more to do.`,
    share: scene.lostShare,
    evidence: [
      `${waits.length} waits in ${placeOf(called)} ${calledOf(called)}, ${seconds(us)} in all`,
      `called at ${own.file}:${own.line}`,
    ],
    remedy: 'Hand all of them over first and take the results afterwards (as_completed, map, gather).',
    reference: 'nipype/pydra#44',
  };
});
