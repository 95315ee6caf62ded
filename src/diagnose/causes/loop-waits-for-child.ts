import type { Block } from '../../trace/index.ts';
import { msOf } from '../found.ts';
import { calledOf, ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { isKnownFor } from '../languages/index.ts';
import { rule } from '../rule.ts';
import { holdingBy } from '../scene/holding.ts';
import { ofScene } from '../scene/scene.ts';
import { overlapUs, unionUs } from '../spans.ts';
import { NEARLY_ALL } from '../thresholds.ts';

/** A thread that waits for one child process after another: those that send the requests, or others. */
export const loopWaitsForChild = rule({
  id: 'loop-waits-for-child',
  step: 'sent',
  means: 'the program waits for one child process after another',
  toldFrom: 'waits for children, and their line',
  fix: {
    any: 'Start the child processes without waiting, or make the requests in the program itself.',
    python:
      'Start the child processes without waiting (subprocess.Popen, asyncio.create_subprocess_exec), or make the requests in the program itself.',
    ruby: 'Start the child processes without waiting (`spawn`, then `Process.waitall`), or make the requests in the program itself.',
    node: 'Start the child processes without waiting (spawn, execFile), or make the requests in the program itself.',
  },
  sure: 'certain',
  references: [
    {
      language: 'node',
      url: 'https://github.com/nodejs/node-v0.x-archive/issues/25810',
      title: 'http.Server hangs when using child_process.execSync',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const holding = holdingBy(scene, 'child');
    const blocks = holding?.blocks ?? childrenWaitedFor(scene);
    if (blocks === undefined) return undefined;
    const frames = scene.framesOf(blocks.find(({ stack }) => stack !== undefined)?.stack);
    if (frames.length === 0) return undefined;
    const own = ownFrame(frames) ?? frames[0]!;
    const call = frames.find((frame) => isKnownFor('command', frame.function)) ?? own;
    const us = unionUs(blocks, scene);
    return {
      confidence: 'certain',
      share: us / (scene.toUs - scene.fromUs),
      text: `The program waits for each child process before it goes on (${calledOf(call)} at ${placeOf(own)}): one process at a time.`,
      places: placesOf(own, call),
      evidence: [
        ...(holding === undefined ? [] : [holding.seen]),
        { kind: 'waits', waits: blocks.length, ms: msOf(us) },
      ],
    };
  },
});

/** Waits for a child that cover the requests of other processes: each request is of a child that was waited for. */
const childrenWaitedFor = ofScene((scene): readonly Block[] | undefined => {
  const blocks = scene.blocks.filter(({ wait, stack }) => wait.kind === 'child' && stack !== undefined);
  if (blocks.length < 2) return undefined;
  const covered = scene.sample.filter(({ exchange, times, endUs }) =>
    blocks.some(
      (block) =>
        block.pid !== exchange.pid &&
        overlapUs(block.fromUs, block.toUs, times.wanted, endUs) >= NEARLY_ALL * (endUs - times.wanted),
    ),
  );
  return covered.length >= NEARLY_ALL * scene.sample.length ? blocks : undefined;
});
