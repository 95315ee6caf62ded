import { type CauseFound, msOf } from '../found.ts';
import { ownFrame, placeOf, placesOf } from '../languages/frames.ts';
import { lateAnswers } from '../late.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { greenletsOf } from '../scene/greenlets.ts';
import { holdingBy } from '../scene/holding.ts';
import type { Scene } from '../scene/scene.ts';

/** A loop, or a thread that others wait for, that sleeps. */
export const loopSleeps = rule({
  id: 'loop-sleeps',
  step: 'sent',
  means: 'a blocking sleep on the thread of the loop',
  toldFrom: 'the sleep, and its line',
  fix: {
    any: "Use the loop's own sleep or timer, which lets other tasks run.",
    python: 'Use `await asyncio.sleep(...)`, which lets other tasks run.',
    node: 'Use a timer (`await setTimeout(...)` of node:timers/promises), which lets other tasks run.',
  },
  sure: 'certain with its line, else likely',
  references: [
    {
      language: 'python',
      url: 'https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code',
      title: 'Running Blocking Code',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const holding = holdingBy(scene, 'sleep');
    if (holding === undefined) return sleptOverAnswers(scene);
    const { frames, own, share, exchanges, places, seen } = holding;
    const place = own ?? frames[0];
    const green = greenletsOf(scene, frames);
    return {
      confidence: place === undefined ? 'likely' : 'certain',
      share,
      text: `A blocking sleep${place === undefined ? '' : ` at ${placeOf(place)}`} held the thread.`,
      because: [`Up to ${exchanges} requests waited for it before they could be sent.`],
      places,
      evidence: [seen],
      ...(green !== undefined && {
        fix: `Use ${green}.sleep, or let ${green} patch time before it is imported.`,
        reference: null,
      }),
    };
  },
});

/** Where all had been sent: answers lay in the kernel while the thread slept. */
function sleptOverAnswers(scene: Scene): CauseFound | undefined {
  const late = lateAnswers(scene.evidence);
  if (late === undefined) return undefined;
  const { answers, lateUs, busyUs, blocks } = late;
  const sleeps = blocks.filter(({ wait }) => wait.kind === 'sleep');
  const timeOf = (some: typeof blocks) => some.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  if (timeOf(sleeps) < timeOf(blocks) / 2) return undefined;
  const frames = scene.framesOf(sleeps.find(({ stack }) => stack !== undefined)?.stack);
  const own = ownFrame(frames);
  return {
    confidence: own === undefined ? 'likely' : 'certain',
    share: busyUs / (scene.toUs - scene.fromUs),
    text: `A blocking sleep${own === undefined ? '' : ` at ${placeOf(own)}`} held the thread.`,
    because: [`${answers} answers lay in the kernel meanwhile, ${duration(lateUs / answers)} in the mean.`],
    places: placesOf(own, frames[0]),
    evidence: [
      {
        kind: 'blocks',
        blocks: sleeps.length,
        threads: [...new Set(sleeps.flatMap(({ thread }) => thread ?? []))],
        call: 'sleep',
        ms: msOf(busyUs),
      },
    ],
  };
}
