/** A worker in a process of its own, which a test can kill: it is silent for a shorter time before it counts as gone. */
import { startWorker, type WorkerOptions } from '../../../src/queue/worker/worker.ts';
import { SHORT } from '../timings.ts';

const options = JSON.parse(process.argv[2]!) as Omit<WorkerOptions, 'tell' | 'env'>;
const worker = startWorker(
  { ...options, env: process.env, tell: (event) => console.log(JSON.stringify(event)) },
  SHORT,
);
process.once('SIGTERM', () => worker.stop());
await worker.finished.catch(({ message }: Error) => {
  console.log(JSON.stringify({ event: 'failed', message }));
  process.exitCode = 1;
});
