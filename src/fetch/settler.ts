import { Answer } from './answer.ts';
import type { BodyRoom } from './bodies/body-room.ts';
import { decode } from './bodies/decode.ts';
import { type FetchError, failureOf } from './errors.ts';
import { copyOf, type Fields } from './fields.ts';
import { Hooks, type HooksOwner } from './hooks.ts';
import type { Job } from './job.ts';
import type { Input, Options } from './options.ts';
import type { Result } from './result.ts';
import type { Sink } from './run.ts';
import type { Settings } from './settings.ts';
import { isThenable } from './thenable.ts';

/** Who hears how the handing over goes. */
export interface SettlerOwner<Data> extends HooksOwner {
  /**
   * A result is settled: it counts as done, whether the sink has it yet or not. `size`: the length of its URL when it
   * was taken. `next`: what is asked for then.
   */
  settled(result: Result<Data>, size: number, next: Input<Data> | null): void;
  /** The sink wants no more for now (true), or has room again (false). */
  full(full: boolean): void;
  /** The sink failed, or a callback did: nothing can be handed over any more. */
  broken(error: unknown): void;
}

/** Makes results of what jobs came to, and hands them over: decoded, judged, the caller's hooks first. */
export class Settler<Data> {
  /** Results that are being decoded, or that the sink is still taking. */
  busy = 0;
  /** Nothing is handed over any more. */
  over = false;
  readonly hooks: Hooks<Data>;
  readonly #settings: Settings;
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
    this.hooks = new Hooks(options, owner);
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
    let decoded: Buffer | Promise<Buffer>;
    try {
      decoded = decode(body, encoding, this.#settings.maxBody);
    } catch (failure) {
      this.#judge(job, null, error ?? failure);
      return;
    }
    if (decoded instanceof Promise) this.#decoding(job, decoded, error);
    else this.#judge(job, decoded, error);
  }

  /** Hands a result over. */
  hand(result: Answer<Data>): void {
    if (this.over) return;
    try {
      const last = this.hooks.seen(result);
      this.#owner.settled(last, result.url.length, this.hooks.next(last));
      const taken = this.#sink.result(last);
      if (isThenable(taken)) this.#await(taken, last);
      else this.#used(last);
    } catch (error) {
      this.#owner.broken(error);
    }
  }

  #decoding(job: Job, decoded: Promise<Buffer>, error: FetchError | null): void {
    this.busy++;
    decoded.then(
      (bytes) => {
        this.busy--;
        this.#judge(job, bytes, error);
      },
      (failure) => {
        this.busy--;
        this.#judge(job, null, error ?? failure);
      },
    );
  }

  /** `thrown`: why the job failed; null when it did not. */
  #judge(job: Job, body: Buffer | null, thrown: unknown): void {
    if (this.over) return;
    try {
      const error = thrown === null ? this.hooks.faultOf(job.head!.status) : failureOf(thrown);
      this.hand(new Answer<Data>(job, this.#headersOf(job), body, error));
    } catch (fault) {
      this.#owner.broken(fault);
    }
  }

  #headersOf({ head }: Job): Fields | null {
    if (head === null) return null;
    return this.#sink.borrows ? head.headers : copyOf(head.headers);
  }

  #used(result: Result<Data>): void {
    if (this.#sink.borrows && result.body !== null) this.#room.give(result.body);
  }

  #await(taken: PromiseLike<void>, result: Result<Data>): void {
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
