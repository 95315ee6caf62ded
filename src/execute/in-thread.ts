import { type Executed, type Execution, executedOf, type Watcher } from './execution.ts';
import type { Order } from './order.ts';
import { partPath } from './parts.ts';
import { openWorker, type RequestWorker } from './request-worker.ts';

/** One engine in this thread. */
export class InThread implements Execution {
  readonly finished: Promise<Executed>;
  #worker: RequestWorker | null = null;
  #wish: 'go on' | 'stop' | 'abort' = 'go on';

  constructor(order: Order, watcher: Watcher) {
    this.finished = this.#run(order, watcher);
  }

  get inFlight(): number {
    return this.#worker?.inFlight ?? 0;
  }

  stop(): void {
    if (this.#wish === 'go on') this.#wish = 'stop';
    this.#worker?.stop();
  }

  abort(): void {
    this.#wish = 'abort';
    this.#worker?.abort();
  }

  async #run(order: Order, watcher: Watcher): Promise<Executed> {
    const sinkOf = watcher.records.workers(1);
    let sink: ReturnType<typeof sinkOf>;
    let behind: Promise<void> | undefined;
    let results = 0;
    const worker = await openWorker(order.how, order.jobs, partPath(order.parts, 1), {
      started: (startedUs) => {
        sink = sinkOf(0, startedUs);
      },
      record: (record) => {
        behind = sink(record);
      },
      took: (took) => {
        results++;
        watcher.took(took);
        return behind;
      },
    });
    this.#worker = worker;
    if (this.#wish === 'stop') worker.stop();
    if (this.#wish === 'abort') worker.abort();
    return executedOf([await worker.finished], results);
  }
}
