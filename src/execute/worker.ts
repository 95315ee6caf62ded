/** A thread that fetches: jobs and limits come by message, what it sees goes by message, results go into its part. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { JobQueue } from './job-queue.ts';
import type { Beginning, FromWorker, SentEnd, ToWorker } from './messages.ts';
import { Outbox } from './outbox.ts';
import { openWorker, type RequestWorker } from './request-worker.ts';

const STATE_MS = 50;

work(parentPort!, workerData as Beginning);

async function work(port: MessagePort, { how, part, limits }: Beginning): Promise<void> {
  const send = (message: FromWorker) => port.postMessage(message);
  const outbox = new Outbox(send);
  let slots = limits.concurrency;
  let worker: RequestWorker | null = null;
  const queue = new JobQueue(
    (jobs) => send({ kind: 'wants', jobs }),
    () => worker?.pending ?? 0,
    slots,
  );
  worker = await openWorker(how, queue, part, {
    started: (startedUs) => send({ kind: 'started', startedUs }),
    record: (record) => outbox.record(record),
    took: (took) => {
      queue.ask();
      return outbox.took(took);
    },
  });
  worker.limit(limits);
  const { finished } = worker;
  const tell = () => {
    const { inFlight, busy, pending } = worker;
    send({ kind: 'state', state: { inFlight, busy, pending: pending + queue.length, slots } });
  };
  const telling = setInterval(tell, STATE_MS);
  port.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'jobs':
        queue.push(message.jobs, message.isEnd);
        break;
      case 'limit':
        slots = message.limits.concurrency;
        worker.limit(message.limits);
        queue.resize(slots);
        tell();
        break;
      case 'taken':
        outbox.taken();
        break;
      case 'stop':
        worker.stop();
        break;
      case 'abort':
        worker.abort();
    }
  });
  queue.ask();
  const { summary, storeFault, unchanged, abandoned } = await finished;
  clearInterval(telling);
  outbox.flush();
  const sent: SentEnd['storeFault'] =
    storeFault === null ? null : { fault: storeFault.fault, text: storeFault.message };
  send({ kind: 'ended', end: { summary, storeFault: sent, unchanged, abandoned } });
  port.close();
}
