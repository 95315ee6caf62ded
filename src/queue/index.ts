/**
 * One run of a report on many machines: workers take chunks of its rows from a queue on Redis or PostgreSQL.
 *
 * 1. `servers` connects, and refuses a server that can't keep what it is given. Beside the queue a server has documents:
 *    small texts that are replaced only by those who have read them, and its clock.
 * 2. `coordinator` is the `Distribution` of the run's report. It takes the run's place (`place.ts`: there is one coordinator),
 *    puts the rows of each chunk where the workers find them, and the chunk into the queue (`handing.ts`); a job names
 *    its chunk and has nothing of it (`jobs/job.ts`). It brings home what came of the chunks, also after it was killed.
 * 3. `worker` takes chunks (`jobs/chunk-taker.ts`), as many as keep its share of the run's limits busy, and works on each
 *    run that they are of (`run-work.ts`). `chunks` fetches them, and leaves a file of each.
 * 4. `ledger` has the document of a run, which all its processes read and change about once a second: who is there, and what
 *    each holds of the run's limits. `membership.ts` asks for shares, `shares.ts` is their rule: give back first,
 *    take what is free. Whoever is silent for 30 s is out, and has stopped sending before.
 *
 * BullMQ (`jobs/bull.ts`) hands on the chunk of a worker that renews its lock no more.
 */
export {
  openDistribution,
  type QueueDistribution,
  type QueueOptions,
  type RunWorker,
} from './coordinator/distribution.ts';
export { QueueError } from './error.ts';
export { startWorker, type WorkerEvent, type WorkerOptions, type WorkerRun } from './worker/worker.ts';
