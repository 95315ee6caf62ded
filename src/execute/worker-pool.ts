import { Worker } from 'node:worker_threads';
import { defaultMaxMemory } from '../fetch/index.ts';
import { StoreError } from '../store/index.ts';
import { type Executed, type Execution, executedOf, type Watcher } from './execution.ts';
import type { Beginning, FromWorker, SentEnd, ToWorker, WorkerState } from './messages.ts';
import { CHUNK_ROWS, type Job, type Order } from './order.ts';
import { partPath } from './parts.ts';
import type { WorkerEnd } from './request-worker.ts';
import { evenShareOf, evenShares, shares } from './shares.ts';
import type { RecordSink } from './worker-records.ts';

/** One of the threads, as the pool sees it. */
interface Member {
  readonly worker: Worker;
  sink: RecordSink | null;
  state: WorkerState;
  /** The concurrency that it was told to keep to. */
  granted: number;
  /** How many jobs it waits for. */
  wants: number;
  end: WorkerEnd | null;
}

/** Threads that fetch together: jobs go to who has room for them, the limits of the run are shared out among them. */
export class WorkerPool implements Execution {
  readonly finished: Promise<Executed>;
  readonly #order: Order;
  readonly #watcher: Watcher;
  readonly #jobs: AsyncIterator<Job>;
  readonly #members: readonly Member[];
  readonly #over = Promise.withResolvers<void>();
  #left: number;
  #results = 0;
  #serving = false;
  #isEnd = false;
  #error: unknown;

  constructor(order: Order, count: number, watcher: Watcher) {
    this.#order = order;
    this.#watcher = watcher;
    this.#jobs = order.jobs[Symbol.asyncIterator]();
    this.#left = order.count;
    const { options } = order.how;
    const granted = evenShares(options.concurrency, count);
    const how = {
      ...order.how,
      options: { ...options, maxMemory: Math.ceil((options.maxMemory ?? defaultMaxMemory()) / count) },
    };
    this.#members = granted.map((slots, place) => ({
      worker: startWorker({
        how,
        part: partPath(order.parts, place + 1),
        limits: { ...evenShareOf(options, place, count), concurrency: slots },
      }),
      sink: null,
      state: { inFlight: 0, busy: 0, pending: 0, slots },
      granted: slots,
      wants: 0,
      end: null,
    }));
    const sinkOf = watcher.records.workers(count);
    this.#members.forEach((member, place) => {
      this.#listen(member, (startedUs) => sinkOf(place, startedUs));
    });
    this.finished = this.#run();
  }

  get inFlight(): number {
    return this.#members.reduce((sum, { state }) => sum + state.inFlight, 0);
  }

  stop(): void {
    this.#endInput();
    this.#toAll({ kind: 'stop' });
  }

  abort(): void {
    this.#endInput();
    this.#toAll({ kind: 'abort' });
  }

  async #run(): Promise<Executed> {
    await this.#over.promise;
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
    if (this.#error !== undefined) throw this.#error;
    return executedOf(
      this.#members.map(({ end }) => end!),
      this.#results,
    );
  }

  #listen(member: Member, sinkFrom: (startedUs: number) => RecordSink): void {
    const { worker } = member;
    worker.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'started':
          member.sink = sinkFrom(message.startedUs);
          break;
        case 'wants':
          member.wants = message.jobs;
          this.#serve();
          break;
        case 'batch':
          this.#take(member, message);
          break;
        case 'state':
          member.state = message.state;
          this.#share();
          break;
        case 'ended':
          member.end = endOf(message.end);
          member.state = { inFlight: 0, busy: 0, pending: 0, slots: 0 };
          this.#ended();
      }
    });
    worker.on('error', (error) => this.#broken(error));
    worker.on('exit', (code) => {
      if (member.end === null)
        this.#broken(new Error(`a thread that fetches ended by itself, with code ${code}`));
    });
  }

  #take(member: Member, { records, tooks }: Extract<FromWorker, { kind: 'batch' }>): void {
    let behind: Promise<void> | undefined;
    for (const record of records) behind = member.sink!(record);
    for (const took of tooks) this.#watcher.took(took);
    this.#results += tooks.length;
    const taken = () => send(member, { kind: 'taken' });
    if (behind === undefined) taken();
    else behind.then(taken);
  }

  /** Hands out jobs to waiting workers, in pieces that leave work for the others. */
  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    try {
      for (let next = this.#waiting(); next !== undefined; next = this.#waiting()) {
        const most = Math.min(next.wants, CHUNK_ROWS, Math.ceil(this.#left / (2 * this.#members.length)));
        const jobs = this.#isEnd ? [] : await this.#pull(Math.max(1, most));
        next.wants = 0;
        send(next, { kind: 'jobs', jobs, isEnd: this.#isEnd });
      }
    } catch (error) {
      this.#error ??= error;
      this.abort();
    }
    this.#serving = false;
  }

  #waiting(): Member | undefined {
    return this.#members.find(({ wants, end }) => wants > 0 && end === null);
  }

  async #pull(most: number): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    while (jobs.length < most && !this.#isEnd) {
      const step = await this.#jobs.next();
      if (step.done) this.#isEnd = true;
      else jobs.push(step.value);
    }
    this.#left -= jobs.length;
    return jobs;
  }

  #endInput(): void {
    if (this.#isEnd) return;
    this.#isEnd = true;
    void Promise.resolve(this.#jobs.return?.()).catch(() => {});
    this.#toAll({ kind: 'jobs', jobs: [], isEnd: true });
  }

  /**
   * Gives every thread the concurrency that it can use. What one gives back is given to another when it is free: a
   * limit is never passed, not even for the time that a message takes.
   */
  #share(): void {
    const whole = this.#order.how.options.concurrency;
    const wants = this.#members.map(({ state, end }) => {
      if (end !== null) return 0;
      return this.#isEnd ? Math.max(1, state.pending) : whole;
    });
    const wanted = shares(whole, wants);
    this.#members.forEach((member, place) => {
      if (wanted[place]! < member.granted) this.#grant(member, wanted[place]!);
    });
    const held = this.#members.map(({ state, granted }) => Math.max(granted, state.slots, state.busy));
    let free = whole - held.reduce((sum, slots) => sum + slots, 0);
    this.#members.forEach((member, place) => {
      const more = Math.min(wanted[place]! - member.granted, free);
      if (more <= 0) return;
      free -= more;
      this.#grant(member, member.granted + more);
    });
  }

  #grant(member: Member, concurrency: number): void {
    member.granted = concurrency;
    send(member, { kind: 'limit', limits: { concurrency } });
  }

  /** One has ended: what it had of rates and of origins is for the others. */
  #ended(): void {
    const working = this.#members.filter(({ end }) => end === null);
    if (working.length === 0) {
      this.#over.resolve();
      return;
    }
    working.forEach((member, place) => {
      const limits = evenShareOf(this.#order.how.options, place, working.length);
      send(member, { kind: 'limit', limits: { ...limits, concurrency: member.granted } });
    });
    this.#share();
  }

  #broken(error: unknown): void {
    this.#error ??= error;
    this.#over.resolve();
  }

  #toAll(message: ToWorker): void {
    for (const member of this.#members) if (member.end === null) send(member, message);
  }
}

function send({ worker }: Member, message: ToWorker): void {
  worker.postMessage(message);
}

/** In the source, or beside the built command. */
function startWorker(beginning: Beginning): Worker {
  const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.cjs';
  return new Worker(new URL(file, import.meta.url), { workerData: beginning });
}

function endOf({ storeFault, ...end }: SentEnd): WorkerEnd {
  return { ...end, storeFault: storeFault && new StoreError(storeFault.fault, storeFault.text) };
}
