/** Where requests run: worker threads; chunks in, parts out; what is done is known after any interruption. */
export { execute } from './execute.ts';
export type { Executed, Execution, Watcher } from './execution.ts';
export type { FetchOptions, GoodAnswer, How, Job, NextPages, Order } from './order.ts';
export { openParts, type Parts, type PartsOptions, partPaths } from './parts.ts';
export type { Took } from './request-worker.ts';
export { WorkerRecords } from './worker-records.ts';
