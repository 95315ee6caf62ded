import { Body, type BodyMemory } from '../src/fetch/bodies/body.ts';
import { type ErrorCode, FetchError } from '../src/fetch/errors.ts';
import type { HttpConnection } from '../src/fetch/http-connection.ts';
import type { Http2Events } from '../src/fetch/http2/connection.ts';
import type { Job } from '../src/fetch/job.ts';
import type { SimulatedClock } from './clock.ts';
import type { Random } from './random.ts';
import type { Temper } from './temper.ts';

/** What a connection needs of the world that it is in. */
export interface Surroundings {
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly temper: Temper;
  readonly memory: BodyMemory;
  readonly events: Http2Events<Job>;
  /** Something happens. */
  touched(): void;
}

/** A connection to a hostile server: it keeps the contract of a HttpConnection, and the server keeps none. */
export class SimulatedConnection implements HttpConnection<Job> {
  readonly id: number;
  listed = false;
  idleSince: number;
  readonly #isHttp2: boolean;
  readonly #around: Surroundings;
  readonly #flights = new Map<Job, object>();
  #limit: number;
  #carried = 0;
  #open = true;
  #isClosed = false;

  constructor(id: number, isHttp2: boolean, streams: number | null, around: Surroundings) {
    this.id = id;
    this.#isHttp2 = isHttp2;
    this.#around = around;
    this.#limit = isHttp2 ? (streams ?? 100) : 1;
    this.idleSince = around.clock.now();
    if (isHttp2) this.#changeSettings();
  }

  get room(): number {
    if (!this.#open) return 0;
    return Math.max(0, this.#limit - this.#flights.size);
  }

  get isNew(): boolean {
    return this.#isHttp2 || this.#carried === 0;
  }

  start(job: Job, now: number): void {
    const { events, temper, random } = this.#around;
    const flight = {};
    job.connectionId = this.id;
    job.ordinal = this.#carried++;
    job.connectedAt = now;
    job.sentAt = now;
    this.idleSince = Number.NaN;
    this.#flights.set(job, flight);
    events.sent(now);
    this.#around.touched();
    this.#later(job, flight, temper.answer(random));
  }

  cancel(job: Job, error: FetchError): void {
    this.#fail(job, error, false);
    if (!this.#isHttp2) this.destroy();
  }

  destroy(): void {
    this.#open = false;
    this.#around.clock.soon(() => this.#closed());
  }

  #later(job: Job, flight: object, fate: ReturnType<Temper['answer']>): void {
    if (fate.kind === 'silence') return;
    this.#around.clock.after(fate.afterMs, () => {
      if (this.#flights.get(job) !== flight) return;
      switch (fate.kind) {
        case 'answer':
          this.#answer(job, fate.status, fate.headers, fate.endsConnection);
          break;
        case 'stall':
          job.answeredAt = this.#around.clock.now();
          job.readAt = job.answeredAt;
          break;
        case 'refuse':
          this.#refuse(job);
          break;
        case 'reset':
          this.#open = false;
          this.#closed();
          break;
        case 'goaway':
          this.#goAway();
      }
    });
  }

  #answer(
    job: Job,
    status: number,
    headers: Readonly<Record<string, string>>,
    endsConnection: boolean,
  ): void {
    const { clock, memory, events } = this.#around;
    const now = clock.now();
    job.answeredAt = now;
    job.readAt = now;
    job.head = { status, headers };
    const body = new Body(memory);
    body.add(Buffer.from('ok'), 0, 2);
    this.#land(job, now);
    if (endsConnection) this.destroy();
    events.delivered(this, job, body, now);
  }

  /** HTTP/2 says that it did not take it; HTTP/1.1 has nothing but the end of the connection. */
  #refuse(job: Job): void {
    if (this.#isHttp2) this.#fail(job, failure('protocol', 'refused'), true);
    else {
      this.#open = false;
      this.#closed();
    }
  }

  #goAway(): void {
    this.#open = false;
    const jobs = [...this.#flights.keys()];
    for (const job of jobs)
      if (this.#around.random.percent(50)) this.#fail(job, failure('reset', 'GOAWAY'), true);
    if (this.#flights.size === 0) this.#closed();
  }

  /** SETTINGS come when the server likes, as often as it likes. */
  #changeSettings(): void {
    const { clock, random, temper, events } = this.#around;
    const change = temper.settings(random);
    if (change === null) return;
    clock.after(change.afterMs, () => {
      if (this.#isClosed) return;
      this.#limit = change.streams;
      events.streamsKnown(this, change.streams);
      this.#changeSettings();
    });
  }

  #fail(job: Job, error: FetchError, unheard: boolean): void {
    if (!this.#flights.has(job)) return;
    const now = this.#around.clock.now();
    this.#land(job, now);
    this.#around.events.lost(job, error, unheard, now);
    if (this.#isHttp2) this.#around.events.roomier(this);
  }

  #land(job: Job, now: number): void {
    this.#flights.delete(job);
    if (this.#flights.size > 0) return;
    this.idleSince = now;
    if (!this.#open && this.#isHttp2) this.#around.clock.soon(() => this.#closed());
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#open = false;
    for (const job of [...this.#flights.keys()]) {
      const unheard = !this.#isHttp2 && job.ordinal > 0 && Number.isNaN(job.answeredAt);
      this.#fail(job, failure('reset', 'the connection ended'), unheard);
    }
    this.#around.events.closed(this);
  }
}

/** An error as the engine's own connections have it. */
export function failure(code: ErrorCode, text: string): FetchError {
  return new FetchError(code, text);
}
