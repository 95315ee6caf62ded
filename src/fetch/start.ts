import type { Connection, ConnectionClosed, Exchange } from '../trace/index.ts';
import { Answer } from './answer.ts';
import type { Body } from './bodies/body.ts';
import { BodyBudget } from './bodies/body-budget.ts';
import { BufferPool } from './bodies/buffer-pool.ts';
import type { Alarm, Clock } from './clock.ts';
import { Delivery, type DeliveryOwner } from './delivery.ts';
import { Engine, type EngineOwner } from './engine.ts';
import { FetchError, failureOf } from './errors.ts';
import { type Asked, type Input, readInput } from './input.ts';
import { type Failure, type InputConsumer, InputReader } from './input-reader.ts';
import { Job } from './job.ts';
import { checkOverrides } from './names/index.ts';
import type { Options } from './options.ts';
import { ConcurrencyMeter } from './queue/concurrency-meter.ts';
import { roomForFiles } from './queue/files.ts';
import { Refusals } from './refusals.ts';
import type { Result } from './result.ts';
import type {
  ConcurrencySummary,
  LiveLimits,
  OriginState,
  Progress,
  Run,
  RunSummary,
  Sink,
  StartRun,
} from './run.ts';
import { type Settings, settle } from './settings.ts';
import { type Target, Targets, targetOf } from './target.ts';
import { type Network, system, type World } from './world.ts';

/** How often time limits are looked at; they hold to within this, or a tenth of the shortest. */
const SWEEP_MS = 100;
/** Idle connections to keep, so that a later request to their origin needs no handshake. */
const SPARE_CONNECTIONS = 32;
/** The origin of inputs without a valid URL; no request is sent to it. */
const NOWHERE = targetOf(new URL('http://invalid.invalid/'));

export const startRun: StartRun = (source, sink, options = {}) => {
  const settings = settle(options);
  checkOverrides(settings.resolve, settings.connectTo);
  return new FetchRun(source, sink, options, settings, system);
};

/** startRun() in another world than this machine's. */
export function startRunIn<Data>(
  world: World,
  source: Iterable<string | Input<Data>>,
  sink: Sink<Data>,
  options: Options<Data>,
): Run {
  return new FetchRun(source, sink, options, settle(options), world);
}

/** A run under way: the input on one side, the sink on the other, the engine between them. */
class FetchRun<Data> implements Run, InputConsumer<Data>, EngineOwner, DeliveryOwner<Data> {
  readonly startedUs: number;
  readonly finished: Promise<RunSummary>;
  taken = 0;
  readonly #settings: Settings;
  readonly #signal: AbortSignal | undefined;
  readonly #sink: Sink<Data>;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #loop = performance.eventLoopUtilization();
  readonly #network: Network;
  readonly #meter: ConcurrencyMeter;
  readonly #engine: Engine;
  readonly #delivery: Delivery<Data>;
  readonly #reader: InputReader<Data>;
  readonly #refusals: Refusals<Answer<Data>>;
  readonly #targets = new Targets();
  readonly #notes: string[] = [];
  readonly #sweepEveryMs: number;
  #sweeper: Alarm;
  readonly #mostSlots: number;
  readonly #end = Promise.withResolvers<RunSummary>();
  #done = 0;
  #failed = 0;
  #stopping = false;
  /** What is in flight was given up. */
  #aborted = false;
  #over = false;
  #failure: Failure | null = null;

  constructor(
    source: Iterable<string | Input<Data>> | AsyncIterable<string | Input<Data>>,
    sink: Sink<Data>,
    options: Options<Data>,
    settings: Settings,
    world: World,
  ) {
    const { clock } = world;
    this.#settings = settings;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#sink = sink;
    this.#signal = options.signal;
    this.startedUs = Math.round((performance.timeOrigin + this.#startedAt) * 1000);
    this.finished = this.#end.promise;
    const room = roomForFiles(settings.concurrency + SPARE_CONNECTIONS);
    const slots = this.#slots(room);
    this.#mostSlots = slots;
    this.#meter = new ConcurrencyMeter(slots, this.#startedAt);
    const { maxBody, maxMemory } = settings;
    this.#network = world.network(settings, {
      maxBody,
      budget: new BodyBudget(maxMemory),
      pool: new BufferPool(),
    });
    for (const note of this.#network.proxies.notes) this.note(note);
    this.#engine = new Engine(settings, world, this.#network, this.#meter, room, this.#startedAt, this);
    this.#delivery = new Delivery(options, sink, this);
    this.#refusals = new Refusals(
      (result) => this.#delivery.hand(result),
      () => !this.#engine.scheduler.held,
    );
    this.#reader = new InputReader(source, clock, this);
    // Nothing that keeps the process alive is begun before all that may throw.
    this.#sweepEveryMs = sweepMs(settings);
    this.#sweeper = clock.after(this.#sweepEveryMs, this.#sweep);
    options.signal?.addEventListener('abort', this.#abort, { once: true });
    // The caller has its Run before the first result comes.
    clock.soon(() => (options.signal?.aborted ? this.#abort() : this.#reader.pull()));
  }

  progress(): Progress {
    return {
      done: this.#done,
      failed: this.#failed,
      inFlight: this.#meter.inFlight,
      busy: this.#meter.busy,
      pending: this.taken - this.#done,
    };
  }

  proof(): ConcurrencySummary {
    this.#meter.advance(this.#clock.now());
    return this.#meter.proof(performance.eventLoopUtilization(this.#loop).utilization);
  }

  limit({ concurrency, ...rest }: LiveLimits): void {
    const slots = concurrency === undefined ? this.#meter.slots : Math.min(concurrency, this.#mostSlots);
    this.#engine.relimit({ ...rest, slots }, this.#clock.now());
  }

  origins(): readonly OriginState[] {
    return this.#engine.origins(this.#clock.now());
  }

  pause(origin: string, ms: number): void {
    this.#engine.pause(origin, ms, this.#clock.now());
  }

  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#engine.scheduler.held = true;
    this.#reader.stop();
    this.#endIfDone();
  }

  // The input.

  /** Four rounds of the slots for every origin there is: many origins are worth a long look, one is not. */
  get lookAhead(): number {
    return 4 * this.#meter.slots * this.#engine.scheduler.working;
  }

  take(input: string | Input<Data>, because: 'first' | 'page' = 'first'): number {
    const asked = readInput(input);
    const target = this.#targetOf(asked);
    const to = target instanceof FetchError ? { ...NOWHERE, href: asked.url } : target;
    const timeoutMs = asked.timeoutMs ?? this.#settings.timeoutMs;
    const now = this.#clock.now();
    const job = new Job(this.taken++, input, asked, to, this.#engine.originOf(to), timeoutMs, now);
    job.because = because;
    if (target instanceof FetchError) this.#refusals.add(new Answer<Data>(job, null, null, target));
    else this.#engine.add(job, now);
    return to.href.length;
  }

  paused(slow: boolean): void {
    const now = this.#clock.now();
    this.#meter.advance(now);
    this.#meter.inputWaits = slow;
    this.#engine.scheduler.pump(now);
  }

  ended(failure: Failure | null): void {
    this.#failure ??= failure;
    this.paused(false);
    this.#endIfDone();
  }

  // The engine.

  came(job: Job, body: Body | null, thrown: unknown): void {
    this.#delivery.settle(job, body, thrown);
  }

  record(record: Connection | ConnectionClosed | Exchange, job?: Job): void {
    try {
      this.#sink.record?.(record, job?.input as string | Input<Data> | undefined);
    } catch (error) {
      this.broken(error);
    }
  }

  get moreToCome(): boolean {
    return !this.#reader.ended;
  }

  get recording(): boolean {
    return this.#sink.record !== undefined;
  }

  landed(): void {
    if (this.#stopping) this.#clock.soon(() => this.#endIfDone());
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  // The sink.

  settled(result: Result<Data>, size: number, next: Input<Data> | null): void {
    this.#done++;
    if (result.error !== null) this.#failed++;
    if (next === null) this.#reader.done(size);
    else {
      this.#reader.followed(size, this.take(next, 'page'));
      this.#engine.scheduler.pump(this.#clock.now());
    }
    if (this.#done === this.taken) this.#clock.soon(() => this.#endIfDone());
  }

  full(full: boolean): void {
    this.#engine.scheduler.held = full || this.#stopping;
    this.#engine.scheduler.pump(this.#clock.now());
    this.#refusals.review();
    this.#endIfDone();
  }

  kept(): void {
    this.#endIfDone();
  }

  broken(error: unknown): void {
    this.#failure ??= { cause: error };
    this.#delivery.over = true;
    // Asynchronous, because the caller may still use what the end of the run removes.
    this.#clock.soon(this.#abort);
  }

  #targetOf(asked: Asked): Target | FetchError {
    if (asked.fault !== null) return asked.fault;
    try {
      return this.#targets.parse(asked.url);
    } catch (error) {
      return failureOf(error);
    }
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

  /** Data that arrived meanwhile is read first: the server must not be blamed for a blocked loop. */
  readonly #sweep = (): void => {
    this.#sweeper = this.#clock.after(this.#sweepEveryMs, this.#sweep);
    this.#clock.soon(() => this.#over || this.#engine.sweep(this.#clock.now()));
  };

  readonly #abort = (): void => {
    this.#aborted = true;
    this.stop();
    this.#engine.abort(new FetchError('stopped', 'the run was stopped before this was done'));
    this.#endIfDone();
  };

  #endIfDone(): void {
    if (this.#over || !this.#reader.closed || this.#delivery.busy > 0) return;
    if (this.#delivery.hooks.pending > 0 && !this.#aborted) return;
    if (this.#stopping ? this.#engine.flying > 0 : this.#done < this.taken) return;
    this.#over = true;
    this.#sweeper.cancel();
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#engine.close();
    this.#network.close();
    if (this.#failure === null) this.#end.resolve(this.#summary());
    else this.#end.reject(this.#failure.cause);
  }

  #summary(): RunSummary {
    return {
      proof: this.proof(),
      startedUs: this.startedUs,
      wallMs: this.#clock.now() - this.#startedAt,
      requests: this.#done,
      failed: this.#failed,
      stopped: this.#stopping,
      notes: this.#notes,
    };
  }
}

function sweepMs(settings: Settings): number {
  const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, timeoutMs } = settings;
  const shortest = Math.min(connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, timeoutMs);
  return Math.max(5, Math.min(SWEEP_MS, shortest / 10));
}
