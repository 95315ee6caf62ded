import { Answer } from './answer.ts';
import type { BodyRoom } from './bodies/body-room.ts';
import { decode } from './bodies/decode.ts';
import { FetchError } from './errors.ts';
import type { Job } from './job.ts';
import type { Input, Options } from './options.ts';
import type { Result } from './result.ts';
import type { Sink } from './run.ts';
import type { Settings } from './settings.ts';

/** Who hears how the handing over goes. */
export interface SettlerOwner<Data> {
  /** A result is settled: it counts as done, whether the sink has it yet or not. `next`: what is asked for then. */
  settled(result: Result<Data>, next: Input<Data> | null): void;
  /** The sink wants no more for now (true), or has room again (false). */
  full(full: boolean): void;
  /** The sink failed: nothing can be handed over any more. */
  broken(error: unknown): void;
}

/** Makes results of what jobs came to, and hands them over: decoded, judged, the caller's hooks first. */
export class Settler<Data> {
  /** Results that are being decoded, or that the sink is still taking. */
  busy = 0;
  readonly #settings: Settings;
  readonly #options: Options<Data>;
  readonly #sink: Sink<Data>;
  readonly #room: BodyRoom;
  readonly #owner: SettlerOwner<Data>;
  #taking = 0;

  constructor(
    settings: Settings,
    options: Options<Data>,
    sink: Sink<Data>,
    room: BodyRoom,
    owner: SettlerOwner<Data>,
  ) {
    this.#settings = settings;
    this.#options = options;
    this.#sink = sink;
    this.#room = room;
    this.#owner = owner;
  }

  /** A job came to its end: with an answer, an error, or both. */
  settle(job: Job, body: Buffer | null, error: FetchError | null): void {
    const encoding = job.head?.headers['content-encoding'];
    if (body === null || encoding === undefined || encoding === 'identity') {
      this.#judge(job, body, error);
      return;
    }
    try {
      const decoded = decode(body, encoding, this.#settings.maxBody);
      if (!(decoded instanceof Promise)) {
        this.#judge(job, decoded, error);
        return;
      }
      this.busy++;
      decoded.then(
        (bytes) => this.#decoded(job, bytes, error),
        (failure) => this.#decoded(job, null, error ?? failure),
      );
    } catch (failure) {
      this.#judge(job, null, error ?? (failure as FetchError));
    }
  }

  /** Hands a result over. */
  hand(result: Result<Data>): void {
    const last = this.#hooked(result);
    let taken: void | Promise<void>;
    try {
      this.#owner.settled(last, this.#options.next?.(last) ?? null);
      taken = this.#sink.result(last);
    } catch (error) {
      this.#owner.broken(error);
      return;
    }
    if (taken instanceof Promise) this.#await(taken, last);
    else this.#used(last);
  }

  #decoded(job: Job, body: Buffer | null, error: FetchError | null): void {
    this.busy--;
    this.#judge(job, body, error);
  }

  #judge(job: Job, body: Buffer | null, error: FetchError | null): void {
    const { good } = this.#settings;
    const status = job.head?.status;
    const failure =
      error === null && good !== null && !good(status!)
        ? new FetchError(
            'status',
            `the server answered ${status}; which statuses are good is said with --good (good)`,
          )
        : error;
    this.hand(new Answer<Data>(job, body, failure));
  }

  #hooked(result: Result<Data>): Result<Data> {
    const { onResponse, onError } = this.#options;
    try {
      if (result.status !== null) onResponse?.(result);
      return result.error === null ? result : (onError?.(result.error, result) ?? result);
    } catch (error) {
      const text = `a callback of the caller threw: ${error instanceof Error ? error.message : error}`;
      const failed = Object.create(Object.getPrototypeOf(result));
      return Object.assign(failed, result, { error: new FetchError('hook', text, error) });
    }
  }

  #used(result: Result<Data>): void {
    if (this.#sink.borrowsBodies && result.body !== null) this.#room.give(result.body);
  }

  #await(taken: Promise<void>, result: Result<Data>): void {
    this.busy++;
    this.#taking++;
    this.#owner.full(true);
    taken.then(
      () => {
        this.busy--;
        this.#taking--;
        this.#used(result);
        if (this.#taking === 0) this.#owner.full(false);
      },
      (error) => {
        this.busy--;
        this.#owner.broken(error);
      },
    );
  }
}
