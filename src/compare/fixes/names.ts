import { enoughFor, type Fix, seen } from './plan.ts';

/** libuv takes no more (UV_THREADPOOL_SIZE, docs.libuv.org/en/v1.x/threadpool.html). */
const MOST_THREADS = 1024;

/** Gives the look-up of names as many threads as names are wanted at once. */
export const nameThreads: Fix = {
  id: 'name-threads',
  plan: (cause, verdict) => {
    const pool = seen(cause, 'limit').find(({ limit: { kind } }) => kind === 'name-threads')?.limit;
    if (cause.id !== 'dns-threads' || pool === undefined) return undefined;
    const count = enoughFor(verdict);
    const load = `Up to ${count} names at once go to the resolver.`;
    if (pool.of === 'libuv threads') {
      // Look-ups may have half of them.
      const size = String(Math.min(MOST_THREADS, 2 * count));
      return {
        text: `UV_THREADPOOL_SIZE is ${size} instead of ${pool.size}`,
        load,
        changes: [['variable', 'UV_THREADPOOL_SIZE', size]],
        variables: { UV_THREADPOOL_SIZE: size },
      };
    }
    return {
      text: `gevent looks names up in ${count} threads instead of ${pool.size}`,
      load,
      changes: [['name-threads', String(count)]],
      variables: {},
    };
  },
};

/** Has gevent look names up in threads, where it was told to block its loop meanwhile. */
export const geventResolver: Fix = {
  id: 'gevent-resolver',
  plan: ({ id, from }) => {
    if (id !== 'dns-blocks-loop' || from?.module !== 'gevent') return undefined;
    return {
      text: 'GEVENT_RESOLVER is thread',
      load: null,
      changes: [['variable', 'GEVENT_RESOLVER', 'thread']],
      variables: { GEVENT_RESOLVER: 'thread' },
    };
  },
};
