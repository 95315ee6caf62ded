import type { Block } from '../trace/index.ts';

/** What can be said of a wait without its stack. */

/** Calls in which a thread can do something else, or that are nobody's work; and the waits of units without a thread. */
const FREE: ReadonlySet<string> = new Set([
  'epoll_wait',
  'kevent',
  'io_uring_enter',
  'futex',
  'nagle',
  'await',
]);

/** Whether nothing else could be done by the thread meanwhile. */
export function isHolding(block: Block): boolean {
  const { call, descriptors = 1 } = block.wait;
  return !FREE.has(call) && !isQueued(block) && descriptors <= 1;
}

/** Whether a unit of work waits to be begun. */
export function isQueued({ wait }: Block): boolean {
  return wait.kind === 'queue' || wait.kind === 'executor';
}

/** Whether it waits for a thread of a pool: greenlets and tasks that wait for their turn share one thread instead. */
export function isPoolQueue({ wait }: Block): boolean {
  return wait.kind === 'executor';
}

export function isComputing({ wait }: Block): boolean {
  return wait.kind === 'cpu';
}

/** Whether only the stack can tell what is waited for: a lock, a permit, an answer. */
export function isUntold({ wait }: Block): boolean {
  return wait.call === 'await' || wait.call === 'futex';
}
