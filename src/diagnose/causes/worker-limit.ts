import { fedWorkers, fewWorkers } from '../model/index.ts';
import { rule } from '../rule.ts';

/** A pool of threads, greenlets or other workers that has fewer than there is work for. */
export const workerLimit = rule({
  id: 'worker-limit',
  step: 'dispatched',
  means: 'a pool of threads, greenlets or tasks has fewer workers than there is work',
  toldFrom:
    'the pool size equals the number of concurrent requests; work waits in its queue, or the thread that fills the queue waits',
  fix: { any: 'Give the pool more workers: waiting workers use no CPU.' },
  sure: 'certain with waits and limit, else likely',
  references: [],
  yieldsTo: [],
  find: (scene) => {
    const few = fewWorkers(scene) ?? fedWorkers(scene);
    return few === undefined || few.workers === 1 ? undefined : few.found;
  },
});
