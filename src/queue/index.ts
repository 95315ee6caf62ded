/**
 * One run of a report on many machines: workers take chunks of its rows from a queue on Redis or PostgreSQL.
 *
 * 1. `servers` connects, and refuses a server that may lose data. Beside the queue a server has its clock, and documents:
 *    small texts that a process can replace only if it has read the newest one.
 * 2. `coordinator` is the `Distribution` of the run's report. A run has one coordinator (`place.ts`). It writes the rows of
 *    each chunk to the storage, and puts the chunk into the queue (`handing.ts`); a job has the name of its chunk and no
 *    rows (`jobs/job.ts`). It brings the chunk files home. A coordinator that is started again brings the rest home.
 * 3. `worker` takes chunks (`jobs/chunk-taker.ts`), as many as its share of the run's limits needs, and works for
 *    each of their runs (`run-work.ts`). `chunks` fetches them and writes a file of each.
 * 4. `ledger` has the document of a run, which all its processes read and change about once a second. It lists the workers
 *    and what each holds of the run's limits. `membership.ts` asks for shares, `shares.ts` is their rule: give back first,
 *    then take what is free. A worker that is silent for 30 s is out. It has stopped sending before that.
 *
 * If a worker does not renew the lock of a chunk, BullMQ (`jobs/bull.ts`) gives the chunk to another worker.
 */
export {
  openDistribution,
  type QueueDistribution,
  type QueueOptions,
  type RunWorker,
} from './coordinator/distribution.ts';
export { QueueError } from './error.ts';
export { startWorker, type WorkerEvent, type WorkerOptions, type WorkerRun } from './worker/worker.ts';
