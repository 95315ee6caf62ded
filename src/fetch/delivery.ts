import { Answer } from './answer.ts';
import type { Body } from './bodies/body.ts';
import { failureOf } from './errors.ts';
import { copyOf, type Fields } from './fields.ts';
import { Hooks, type HooksOwner } from './hooks.ts';
import type { Input } from './input.ts';
import type { Job } from './job.ts';
import type { Options } from './options.ts';
import type { Result } from './result.ts';
import type { Sink } from './run.ts';
import { isThenable } from './thenable.ts';

/** Who hears how the handing over goes. */
export interface DeliveryOwner<Data> extends HooksOwner {
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

/** Makes results of what jobs came to, and hands them over: judged, the caller's hooks first. */
export class Delivery<Data> {
  /** Results that the sink is still taking. */
  busy = 0;
  /** Nothing is handed over any more. */
  over = false;
  readonly hooks: Hooks<Data>;
  readonly #sink: Sink<Data>;
  readonly #owner: DeliveryOwner<Data>;

  constructor(options: Options<Data>, sink: Sink<Data>, owner: DeliveryOwner<Data>) {
    this.hooks = new Hooks(options, owner);
    this.#sink = sink;
    this.#owner = owner;
  }

  /**
   * A job came to its end: with an answer, an error, or both. `thrown`: why it failed; null when it did not. The body
   * is released once the sink has it.
   */
  settle(job: Job, body: Body | null, thrown: unknown): void {
    body?.leaves();
    if (this.over) {
      body?.release();
      return;
    }
    try {
      const error = thrown === null ? this.hooks.faultOf(job.head!.status) : failureOf(thrown);
      error?.tell(this.#sink.reader ?? 'library');
      const bytes = body === null ? null : body.bytes();
      this.hand(new Answer<Data>(job, this.#headersOf(job), bytes, error), body);
    } catch (fault) {
      this.#owner.broken(fault);
    }
  }

  /** Hands a result over. */
  hand(result: Answer<Data>, body: Body | null = null): void {
    if (this.over) return;
    try {
      const last = this.hooks.seen(result);
      this.#owner.settled(last, result.url.length, this.hooks.next(last));
      const taken = this.#sink.result(last);
      if (isThenable(taken)) this.#await(taken, body);
      else this.#used(body);
    } catch (error) {
      body?.handOver();
      this.#owner.broken(error);
    }
  }

  #headersOf({ head }: Job): Fields | null {
    if (head === null) return null;
    return this.#sink.borrows ? head.headers : copyOf(head.headers);
  }

  #used(body: Body | null): void {
    if (this.#sink.borrows) body?.release();
    else body?.handOver();
  }

  #await(taken: PromiseLike<void>, body: Body | null): void {
    this.busy++;
    this.#owner.full(true);
    taken.then(
      () => {
        this.busy--;
        this.#used(body);
        if (this.busy === 0) this.#owner.full(false);
      },
      (error) => {
        this.busy--;
        body?.handOver();
        this.#owner.broken(error);
      },
    );
  }
}
