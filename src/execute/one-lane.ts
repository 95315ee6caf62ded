import { type Executed, type Execution, executedOf, type Watcher } from './execution.ts';
import { type Lane, openLane } from './lane.ts';
import type { Order } from './order.ts';
import { partPath } from './parts.ts';

/** One engine in this thread. */
export class OneLane implements Execution {
  readonly finished: Promise<Executed>;
  #lane: Lane | null = null;
  #wish: 'go on' | 'stop' | 'abort' = 'go on';

  constructor(order: Order, watcher: Watcher) {
    this.finished = this.#run(order, watcher);
  }

  get inFlight(): number {
    return this.#lane?.inFlight ?? 0;
  }

  stop(): void {
    if (this.#wish === 'go on') this.#wish = 'stop';
    this.#lane?.stop();
  }

  abort(): void {
    this.#wish = 'abort';
    this.#lane?.abort();
  }

  async #run(order: Order, watcher: Watcher): Promise<Executed> {
    const bearerOf = watcher.records.lanes(1);
    let bearer: ReturnType<typeof bearerOf>;
    let behind: Promise<void> | undefined;
    let results = 0;
    const lane = await openLane(order.how, order.jobs, partPath(order.parts, 1), {
      started: (startedUs) => {
        bearer = bearerOf(0, startedUs);
      },
      record: (record) => {
        behind = bearer(record);
      },
      took: (took) => {
        results++;
        watcher.took(took);
        return behind;
      },
    });
    this.#lane = lane;
    if (this.#wish === 'stop') lane.stop();
    if (this.#wish === 'abort') lane.abort();
    return executedOf([await lane.finished], results);
  }
}
