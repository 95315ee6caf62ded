import { placeOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { greenletsOf } from '../scene/greenlets.ts';
import { holdingBy } from '../scene/holding.ts';

/** A loop, or a thread that others wait for, that sleeps. */
export const loopSleeps = rule({
  id: 'loop-sleeps',
  step: 'sent',
  means: 'a blocking sleep on the thread of the loop',
  toldFrom: 'the sleep, and its line',
  fix: {
    any: "Use the loop's own sleep or timer, which lets others go on.",
    python: 'Use `await asyncio.sleep(...)`, which lets others go on.',
    node: 'Use a timer (`await setTimeout(...)` of node:timers/promises), which lets others go on.',
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
    if (holding === undefined) return undefined;
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
