import type { Execution, Watcher } from './execution.ts';
import { InThread } from './in-thread.ts';
import type { Order } from './order.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * Fetches what is ordered. `finished` fails with the error of `jobs`, or a StoreError where a part can't be opened.
 * Results and their order don't depend on the number of workers.
 */
export function execute(order: Order, watcher: Watcher): Execution {
  const count = crewSize(order);
  return count === 1 ? new InThread(order, watcher) : new WorkerPool(order, count, watcher);
}

/** No more threads than the least of what they share: each of them must be allowed one request at every origin. */
function crewSize({ workers, count, how: { options } }: Order): number {
  return Math.max(
    1,
    Math.min(workers, count, options.concurrency, ...options.perOrigin.map(([, most]) => most)),
  );
}
