import { msOf } from '../found.ts';
import { calledOf, ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { lateAnswers } from '../late.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';

/** Answers that lie in the kernel while the thread that should read them computes. */
export const answersNotTakenUp = rule({
  id: 'answers-not-taken-up',
  step: 'read',
  means: 'answers wait in the kernel while the thread computes',
  toldFrom: 'when the answers arrived, and what the thread computed meanwhile',
  fix: {
    any: 'Move this work off the thread that reads the answers, or do it after all are read.',
    python:
      'Move this work to a pool of processes (ProcessPoolExecutor), or do it after all answers are read.',
    node: 'Move this work to a worker thread (node:worker_threads), or do it after all answers are read.',
  },
  sure: 'certain with its line, else likely',
  references: [
    {
      language: 'node',
      url: 'https://github.com/hapijs/wreck/issues/251',
      title: 'Even Loop Lag while parsing large JSON payloads',
    },
    {
      language: 'python',
      url: 'https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code',
      title: 'Running Blocking Code',
    },
  ],
  yieldsTo: ['loop-sleeps'],
  find: (scene) => {
    const late = lateAnswers(scene.evidence);
    if (late === undefined) return undefined;
    const { answers, blocks, lateUs, busyUs, isGuessed } = late;
    const longest = blocks.reduce((most, block) =>
      block.toUs - block.fromUs > most.toUs - most.fromUs ? block : most,
    );
    const frames = scene.framesOf(longest.stack);
    const own = ownFrame(frames);
    const at = own === undefined ? '' : ` at ${placeOf(own)} (${calledOf(own)})`;
    return {
      confidence: own === undefined || isGuessed ? 'likely' : 'certain',
      share: Math.min(1, busyUs / (scene.toUs - scene.fromUs)),
      text: `${answers} answers lay in the kernel, ${duration(lateUs / answers)} in the mean, while the thread was busy with CPU${at}.`,
      places: placesOf(own, ...frames.slice(0, 2)),
      evidence: [
        {
          kind: 'blocks',
          blocks: blocks.length,
          threads: [...new Set(blocks.flatMap(({ thread }) => thread ?? []))],
          call: 'cpu',
          ms: msOf(busyUs),
        },
      ],
    };
  },
});
