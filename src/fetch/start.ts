import type { Connection, ConnectionClosed, Exchange } from '../trace/index.ts';
import { Answer } from './answer.ts';
import { BodyRoom } from './bodies/body-room.ts';
import { Engine, type EngineOwner } from './engine.ts';
import { FetchError } from './errors.ts';
import { Intake, type Taker } from './intake.ts';
import { Job } from './job.ts';
import { checkOverrides, Reputation, Resolver } from './names/index.ts';
import type { Road } from './open/opening.ts';
import { Proxies } from './open/proxy.ts';
import { Trust } from './open/trust.ts';
import type { Duration, Input, Options } from './options.ts';
import { roomForFiles } from './queue/files.ts';
import { Ledger } from './queue/proof.ts';
import { layHeaders } from './request.ts';
import type { Result } from './result.ts';
import type { LiveLimits, Progress, Run, RunSummary, Sink, StartRun } from './run.ts';
import { durationMs, type Settings, settle } from './settings.ts';
import { Settler, type SettlerOwner } from './settler.ts';
import { Targets, targetOf } from './target.ts';

/** How often time limits are looked at; they hold to within this, or a tenth of the shortest. */
const SWEEP_MS = 100;
/** Kept-alive connections beside those in use, so that an origin met again needs no handshake. */
const SPARE_CONNECTIONS = 32;
/** What comes with an input that is a URL alone. */
const BARE: Omit<Input, 'url'> = {};
/** Where inputs that are no URL are said to go; they never do. */
const NOWHERE = targetOf(new URL('http://invalid.invalid/'));

export const startRun: StartRun = (source, sink, options = {}) => {
  const settings = settle(options);
  checkOverrides(settings.resolve, settings.connectTo);
  return new FetchRun(source, sink, options, settings);
};

/** A run under way: the input on one side, the sink on the other, the engine between them. */
class FetchRun<Data> implements Run, Taker<Data>, EngineOwner, SettlerOwner<Data> {
  readonly startedUs: number;
  readonly finished: Promise<RunSummary>;
  taken = 0;
  readonly #settings: Settings;
  readonly #signal: AbortSignal | undefined;
  readonly #sink: Sink<Data>;
  readonly #startedAt = performance.now();
  readonly #loop = performance.eventLoopUtilization();
  readonly #road: Road;
  readonly #ledger: Ledger;
  readonly #engine: Engine;
  readonly #settler: Settler<Data>;
  readonly #intake: Intake<Data>;
  readonly #targets = new Targets();
  readonly #notes: string[] = [];
  readonly #sweeper: NodeJS.Timeout;
  readonly #mostSlots: number;
  readonly #end = Promise.withResolvers<RunSummary>();
  #done = 0;
  #failed = 0;
  #stopping = false;
  #over = false;
  #error: unknown;

  constructor(
    source: Iterable<string | Input<Data>> | AsyncIterable<string | Input<Data>>,
    sink: Sink<Data>,
    options: Options<Data>,
    settings: Settings,
  ) {
    this.#settings = settings;
    this.#sink = sink;
    this.#signal = options.signal;
    this.startedUs = Math.round((performance.timeOrigin + this.#startedAt) * 1000);
    this.finished = this.#end.promise;
    const room = roomForFiles(settings.concurrency + SPARE_CONNECTIONS);
    const slots = this.#slots(room);
    this.#mostSlots = slots;
    this.#ledger = new Ledger(slots, this.#startedAt);
    this.#road = {
      settings,
      resolver: new Resolver(),
      reputation: new Reputation(),
      trust: new Trust(settings.tls),
      proxies: new Proxies(settings.proxy),
      bodyRoom: new BodyRoom(settings.maxBody),
    };
    this.#engine = new Engine(settings, this.#road, this.#ledger, room, this.#startedAt, this);
    this.#settler = new Settler(settings, options, sink, this.#road.bodyRoom, this);
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs(settings));
    this.#intake = new Intake(source, this);
    options.signal?.addEventListener('abort', this.#abort, { once: true });
    // The caller has its Run before the first result comes.
    setImmediate(() => (options.signal?.aborted ? this.#abort() : this.#intake.pull()));
  }

  progress(): Progress {
    return {
      done: this.#done,
      failed: this.#failed,
      inFlight: this.#ledger.inFlight,
      busy: this.#ledger.busy,
      pending: this.taken - this.#done,
    };
  }

  limit({ concurrency, ...rest }: LiveLimits): void {
    const slots = concurrency === undefined ? this.#ledger.slots : Math.min(concurrency, this.#mostSlots);
    this.#engine.relimit({ ...rest, slots }, performance.now());
  }

  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#engine.scheduler.held = true;
    this.#intake.stop();
    this.#endIfDone();
  }

  // The input.

  /** Four rounds of the slots for every origin there is: many origins are worth a long look, one is not. */
  get lookAhead(): number {
    return 4 * this.#ledger.slots * this.#engine.scheduler.working;
  }

  take(input: string | Input<Data>, because: 'first' | 'page' = 'first'): void {
    const index = this.taken++;
    const now = performance.now();
    let job: Job;
    try {
      job = this.#jobOf(index, input, now);
      job.because = because;
    } catch (error) {
      const nowhere = new Job(index, input, NOWHERE, this.#engine.originOf(NOWHERE), 0, now);
      this.#settler.hand(
        Object.assign(new Answer<Data>(nowhere, null, error as FetchError), { url: urlOf(input) }),
      );
      return;
    }
    this.#engine.add(job, now);
  }

  paused(slow: boolean): void {
    const now = performance.now();
    this.#ledger.advance(now);
    this.#ledger.inputWaits = slow;
    this.#engine.scheduler.pump(now);
  }

  ended(error?: unknown): void {
    this.#error ??= error;
    this.paused(false);
    this.#endIfDone();
  }

  // The engine.

  came(job: Job, body: Buffer | null, error: FetchError | null): void {
    this.#settler.settle(job, body, error);
  }

  record(record: Connection | ConnectionClosed | Exchange, job?: Job): void {
    this.#sink.record?.(record, job?.input as string | Input<Data> | undefined);
  }

  get moreToCome(): boolean {
    return !this.#intake.ended;
  }

  get recording(): boolean {
    return this.#sink.record !== undefined;
  }

  landed(): void {
    if (this.#stopping) setImmediate(() => this.#endIfDone());
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  // The sink.

  settled(result: Result<Data>, next: Input<Data> | null): void {
    this.#done++;
    if (result.error !== null) this.#failed++;
    if (next === null) this.#intake.done(result.input);
    else {
      this.#intake.followed(result.input, next);
      this.take(next, 'page');
      this.#engine.scheduler.pump(performance.now());
    }
    if (this.#done === this.taken) setImmediate(() => this.#endIfDone());
  }

  full(full: boolean): void {
    this.#engine.scheduler.held = full || this.#stopping;
    this.#engine.scheduler.pump(performance.now());
    this.#endIfDone();
  }

  broken(error: unknown): void {
    this.#error ??= error;
    this.#abort();
  }

  #jobOf(index: number, input: string | Input<Data>, now: number): Job {
    const target = this.#targets.parse(urlOf(input));
    const { headers, timeout } = typeof input === 'string' ? BARE : input;
    if (headers !== undefined) layHeaders({}, headers);
    const timeoutMs = timeout === undefined ? this.#settings.timeoutMs : timeoutOf(timeout);
    return new Job(index, input, target, this.#engine.originOf(target), timeoutMs, now);
  }

  /** `room`: connections that may be open. */
  #slots(room: number): number {
    const { concurrency } = this.#settings;
    const slots = Math.min(concurrency, room);
    if (slots < concurrency)
      this.note(
        `${concurrency} in flight would need more open files than the system allows: ${slots} at most; raise it with ulimit -n`,
      );
    return slots;
  }

  /** What has come in meanwhile is read first: a loop that stood still is no server's fault. */
  #sweep(): void {
    setImmediate(() => this.#engine.sweep(performance.now()));
  }

  readonly #abort = (): void => {
    this.stop();
    this.#engine.abort(new FetchError('stopped', 'the run was stopped before this was done'));
    this.#endIfDone();
  };

  #endIfDone(): void {
    if (this.#over || !this.#intake.ended || this.#settler.busy > 0) return;
    if (this.#stopping ? this.#engine.flying > 0 : this.#done < this.taken) return;
    this.#over = true;
    clearInterval(this.#sweeper);
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#engine.close();
    this.#road.resolver.close();
    if (this.#error === undefined) this.#end.resolve(this.#summary());
    else this.#end.reject(this.#error);
  }

  #summary(): RunSummary {
    const now = performance.now();
    this.#ledger.advance(now);
    return {
      startedUs: this.startedUs,
      wallMs: now - this.#startedAt,
      requests: this.#done,
      failed: this.#failed,
      stopped: this.#stopping,
      proof: this.#ledger.proof(performance.eventLoopUtilization(this.#loop).utilization),
      notes: this.#notes,
    };
  }
}

function timeoutOf(timeout: Duration): number {
  try {
    return durationMs(timeout, 'timeout');
  } catch (error) {
    throw new FetchError('bad-timeout', (error as TypeError).message);
  }
}

function urlOf(input: string | Input): string {
  return typeof input === 'string' ? input : String(input?.url);
}

function sweepMs(settings: Settings): number {
  const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, timeoutMs } = settings;
  const shortest = Math.min(connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, timeoutMs);
  return Math.max(5, Math.min(SWEEP_MS, shortest / 10));
}
