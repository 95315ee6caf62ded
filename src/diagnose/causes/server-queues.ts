import { rule } from '../rule.ts';
import { lateServer } from '../scene/late-server.ts';

/** A server that takes few at a time, or answers one by one. */
export const serverQueues = rule({
  id: 'server-queues',
  step: 'answered',
  means: 'the server takes one, or few, at a time',
  toldFrom: 'answers at even distances, in the order sent or in step',
  fix: {
    any: 'Ask one at a time: if each is then answered as soon as the first, the server has few workers, or a lock for a session (try another cookie).',
  },
  sure: 'possible',
  references: [],
  yieldsTo: ['throttled', 'retry-sleep', 'two-trips', 'nagle'],
  find: (scene) => {
    const late = lateServer(scene);
    return late === undefined || late.proxy !== undefined ? undefined : late.found;
  },
});
