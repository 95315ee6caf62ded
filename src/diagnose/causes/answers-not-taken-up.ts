import { calledOf, ownFrame, placeOf } from '../languages/frames.ts';
import { lateAnswers } from '../late.ts';
import type { Cause } from '../scene/cause.ts';
import type { Scene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** Answers that lie in the kernel while the thread that should take them computes. */
export function answersNotTakenUp(scene: Scene): Cause | undefined {
  const late = lateAnswers(scene.evidence);
  if (late === undefined) return undefined;
  const { answers, blocks, lateUs, busyUs, isGuessed } = late;
  const longest = blocks.reduce((most, block) =>
    block.toUs - block.fromUs > most.toUs - most.fromUs ? block : most,
  );
  const frames = scene.framesOf(longest.stack);
  const own = ownFrame(frames);
  return {
    id: 'answers-not-taken-up',
    confidence: own === undefined || isGuessed ? 'likely' : 'certain',
    text: `${answers} answers lay in the kernel, ${seconds(lateUs / answers)} in the mean, while the thread was busy with CPU${own === undefined ? '' : ` at ${placeOf(own)} (${calledOf(own)})`}: it computes, it does not wait.`,
    share: Math.min(1, busyUs / (scene.toUs - scene.fromUs)),
    evidence: [
      `${blocks.length} blocks: cpu, ${seconds(busyUs)}`,
      ...frames.slice(0, 2).map((frame) => `${placeOf(frame)} ${calledOf(frame)}`),
      ...(own === undefined ? [] : [`called at ${own.file}:${own.line}`]),
    ],
    remedy:
      'Move this work off the thread that reads the answers (a pool of processes, a worker thread), or do it after all are read.',
    reference: 'hapijs/wreck#251',
  };
}
