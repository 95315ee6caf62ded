import { calledOf, isOwnWork, placeOf } from '../languages/frames.ts';
import { rule } from '../rule.ts';
import { holdingBy } from '../scene/holding.ts';
import { fromOf } from '../scene/modules.ts';

/** Without stacks a busy thread has to be busy for this part of the time to be a cause. */
const LEAST_BLIND = 0.5;

/** A loop that computes instead of sending. */
export const loopComputes = rule({
  id: 'loop-computes',
  step: 'sent',
  means: 'the program computes on the thread of the event loop',
  toldFrom: "CPU time in the program's own lines",
  fix: {
    any: 'Move this work off the loop, to another thread or process, or do it after the requests are out.',
    python:
      'Move this work off the loop: `await loop.run_in_executor(process_pool, work)`, or do it after the requests are out.',
    node: 'Move this work to a worker thread, or to its asynchronous form, or do it after the requests are out.',
  },
  sure: 'certain with its stack, else likely',
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
  // The same work: where answers waited for most of their time, the work delayed those.
  yieldsTo: ['answers-not-taken-up'],
  find: (scene) => {
    const holding = holdingBy(scene, 'cpu');
    if (holding === undefined) return undefined;
    const { frames, own, share, exchanges, places, seen } = holding;
    const isBlind = scene.evidence.stack.length === 0;
    if (isBlind ? share < LEAST_BLIND : !isOwnWork(frames)) return undefined;
    const [leaf] = frames;
    const place = own ?? leaf;
    const inside = leaf === undefined || leaf === place ? '' : ` in ${calledOf(leaf)}`;
    const called = place?.function === undefined ? '' : ` (${calledOf(place)})`;
    return {
      confidence: frames.length > 0 ? 'certain' : 'likely',
      share,
      text: `The event loop was busy with CPU${inside}${place === undefined ? '' : ` at ${placeOf(place)}${called}`}.`,
      because: [`Up to ${exchanges} requests waited for it before they could be sent.`],
      places,
      ...fromOf(scene, leaf),
      evidence: [seen],
    };
  },
});
