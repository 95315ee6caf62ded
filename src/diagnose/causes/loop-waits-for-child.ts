import type { Block } from '../../trace/index.ts';
import { calledOf, ownFrame, placeOf } from '../languages/frames.ts';
import { isKnownFor } from '../languages/index.ts';
import type { Cause } from '../scene/cause.ts';
import { holdingBy, unionUs } from '../scene/holding.ts';
import { ofScene, overlapUs, type Scene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** A thread that waits for one child process after another: those that send the requests, or others. */
export function loopWaitsForChild(scene: Scene): Cause | undefined {
  const holding = holdingBy(scene, 'child');
  const blocks = holding?.blocks ?? childrenWaitedFor(scene);
  if (blocks === undefined) return undefined;
  const frames = scene.framesOf(blocks.find(({ stack }) => stack !== undefined)?.stack);
  if (frames.length === 0) return undefined;
  const own = ownFrame(frames) ?? frames[0]!;
  const call = frames.find((frame) => isKnownFor('command', frame.function));
  const us = unionUs(blocks, scene);
  return {
    id: 'loop-waits-for-child',
    confidence: 'certain',
    text: `The program waits for each child process before it goes on (${call === undefined ? calledOf(own) : calledOf(call)} at ${placeOf(own)}): one process at a time.`,
    share: us / (scene.toUs - scene.fromUs),
    evidence: [
      ...(holding?.evidence ?? []),
      `${blocks.length} waits for a child process at ${own.file}:${own.line}, ${seconds(us)} in all`,
    ],
    remedy:
      'Start the child processes without waiting (spawn, execFile, Popen), or make the requests in the program itself.',
    reference: 'ForbesLindesay/sync-request#4',
  };
}

/** Waits for a child that cover the requests of other processes: each request is of a child that was waited for. */
export const childrenWaitedFor = ofScene((scene): readonly Block[] | undefined => {
  const blocks = scene.blocks.filter(({ wait, stack }) => wait.kind === 'child' && stack !== undefined);
  if (blocks.length < 2) return undefined;
  const covered = scene.sample.filter(({ exchange, times, endUs }) =>
    blocks.some(
      (block) =>
        block.pid !== exchange.pid &&
        overlapUs(block.fromUs, block.toUs, times.wanted, endUs) >= 0.8 * (endUs - times.wanted),
    ),
  );
  return covered.length >= 0.8 * scene.sample.length ? blocks : undefined;
});
