import type { FromWorker } from './messages.ts';
import type { Took } from './request-worker.ts';

type Batch = Extract<FromWorker, { kind: 'batch' }>;

/** Records and results are sent together: a message costs as much as a hundred of them. */
const BATCH = 256;
const LINGER_MS = 20;
/** Batches on their way, before the engine has to wait because their receiver is behind. */
const MOST_UNTAKEN = 8;

/** What a worker has seen, on its way to the thread that counts it. */
export class Outbox {
  readonly #send: (batch: Batch) => void;
  #records: Batch['records'][number][] = [];
  #tooks: Took[] = [];
  #untaken = 0;
  #timer: NodeJS.Timeout | undefined;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(send: (batch: Batch) => void) {
    this.#send = send;
  }

  record(record: Batch['records'][number]): void {
    this.#records.push(record);
    this.#look();
  }

  /** A promise means: wait for it before the next. */
  took(took: Took): Promise<void> | undefined {
    this.#tooks.push(took);
    this.#look();
    if (this.#untaken < MOST_UNTAKEN) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** A batch has arrived, and was worked on. */
  taken(): void {
    this.#untaken--;
    this.#room?.resolve();
    this.#room = null;
  }

  /** Sends what is left. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#records.length + this.#tooks.length === 0) return;
    this.#untaken++;
    this.#send({ kind: 'batch', records: this.#records, tooks: this.#tooks });
    this.#records = [];
    this.#tooks = [];
  }

  #look(): void {
    if (this.#records.length + this.#tooks.length >= BATCH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), LINGER_MS);
  }
}
