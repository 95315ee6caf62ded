/** Whether it is a promise, of whatever make: those of a query builder or of another realm are no Promise of ours. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function';
}
