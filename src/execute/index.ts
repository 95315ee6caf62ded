/** Where requests run: worker threads; chunks in, parts out; what is done is known after any interruption. */
export { execute } from './execute.ts';
export { type Executed, type Execution, executedOf, type Waited, type Watcher } from './execution.ts';
export type { Shares } from './messages.ts';
export {
  CHUNK_ROWS,
  type FetchOptions,
  type GoodAnswer,
  type How,
  type Job,
  type NextPages,
  type Order,
} from './order.ts';
export { chunkPartPath, openParts, type Parts, type PartsOptions, partPaths } from './parts.ts';
export {
  type EngineRecord,
  RequestWorker,
  type ResultStore,
  type Took,
  type WorkerEnd,
  type WorkerObserver,
} from './request-worker.ts';
export { evenShareOf, evenShares, shares } from './shares.ts';
export { type RecordSink, WorkerRecords } from './worker-records.ts';
