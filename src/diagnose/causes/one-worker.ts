import { calledOf, ownFrame, placeOf } from '../languages/frames.ts';
import { isFillingCall } from '../languages/index.ts';
import type { Cause } from '../scene/cause.ts';
import { unionUs } from '../scene/holding.ts';
import { ofScene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** A queue with one worker: those who fill it wait, and one thread takes from it. */
export const oneWorkerAsks = ofScene((scene): Cause | undefined => {
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
  if (us < 0.3 * (scene.toUs - scene.fromUs)) return undefined;
  const own = ownFrame(scene.framesOf(exchanges[0]!.exchange.stack));
  const filler = ownFrame(waits[0]!.frames);
  return {
    id: 'one-worker',
    confidence: 'likely',
    text: `One worker takes all requests from a queue, one at a time${own === undefined ? '' : ` (${placeOf(own)})`}, while its caller waits in ${calledOf(waits[0]!.called)}${filler === undefined ? '' : ` at ${placeOf(filler)}`}.`,
    share: scene.lostShare,
    evidence: [
      `${waits.length} waits for the queue, ${seconds(us)} in all`,
      `all ${exchanges.length} exchanges on thread ${exchanges[0]!.exchange.thread}`,
    ],
    remedy: 'Start more workers on this queue, if the server can take more at once.',
    reference: 'mondoohq/mql#4970',
  };
});
