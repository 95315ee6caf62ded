import { fedWorkers, fewWorkers } from '../model/index.ts';
import { rule } from '../rule.ts';

/** A pool of one, or a queue with one thread that takes from it. */
export const oneWorker = rule({
  id: 'one-worker',
  step: 'wanted',
  means: 'one worker takes all requests from a queue',
  toldFrom: 'a pool of one; or one thread asks, while others wait in `put()` or `join()`',
  fix: {
    any: 'Start more workers on this queue, if the server can take more at once.',
    python: 'Start more threads that take from this queue, if the server can take more at once.',
  },
  sure: 'certain with the waits and the limit, else likely',
  references: [],
  yieldsTo: ['framework-executor', 'pacing'],
  find: (scene) => [fewWorkers(scene), fedWorkers(scene)].find((few) => few?.workers === 1)?.found,
});
