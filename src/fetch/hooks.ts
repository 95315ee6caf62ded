import { redactText } from '../trace/index.ts';
import { FetchError } from './errors.ts';
import type { Input } from './input.ts';
import { option } from './option-names.ts';
import type { Options } from './options.ts';
import type { Result } from './result.ts';
import { isThenable } from './thenable.ts';

type Callbacks<Data> = Pick<Options<Data>, 'good' | 'next' | 'onResponse' | 'onError'>;

/** Who hears of the promises of callbacks. */
export interface HooksOwner {
  kept(): void;
  /** Whether the hook failed, or returned a promise where a value is needed at once. */
  broken(error: unknown): void;
}

/**
 * The callbacks of the caller. They may be async: what they promise is not waited for before the result is handed over,
 * only before the run ends well.
 */
export class Hooks<Data> {
  /** Promises of callbacks that are not settled. */
  pending = 0;
  readonly #callbacks: Callbacks<Data>;
  readonly #owner: HooksOwner;

  constructor(callbacks: Callbacks<Data>, owner: HooksOwner) {
    this.#callbacks = callbacks;
    this.#owner = owner;
  }

  /** What is wrong with an answer of this status; null when nothing is. @throws what `good` throws. */
  faultOf(status: number): FetchError | null {
    const { good } = this.#callbacks;
    if (good === undefined || good(status)) return null;
    return new FetchError(
      'status',
      `the server answered ${status}; which statuses are good is said with ${option('good')}`,
    );
  }

  /** The result after onResponse and onError: what they throw is its error 'hook'. @throws TypeError for another result */
  seen(result: Result<Data>): Result<Data> {
    const { onResponse, onError } = this.#callbacks;
    let instead: Result<Data> | undefined;
    try {
      if (result.status !== null) this.#answer('onResponse', onResponse?.(result));
      if (result.error !== null) instead = this.#answer('onError', onError?.(result.error, result));
    } catch (error) {
      const text = `a callback of the caller threw: ${redactText(error instanceof Error ? error.message : String(error))}`;
      return failedBy<Data>(result, new FetchError('hook', text, error));
    }
    if (instead === undefined) return result;
    if (instead.index === result.index) return instead;
    throw new TypeError(
      'onError: it returns no result, or that of another input; change the one that it was given',
    );
  }

  /** What a result asks for next; null for nothing. @throws what `next` throws. */
  next(result: Result<Data>): Input<Data> | null {
    return this.#answer('next', this.#callbacks.next?.(result)) ?? null;
  }

  /** What a callback returned; undefined for nothing, and for a promise, which is watched. */
  #answer<T>(name: string, returned: T | PromiseLike<T> | null | undefined): T | undefined {
    if (!isThenable(returned)) return returned ?? undefined;
    this.pending++;
    Promise.resolve(returned).then(
      (value) => {
        this.pending--;
        if (value === undefined || value === null || name === 'onResponse') this.#owner.kept();
        else
          this.#owner.broken(
            new TypeError(`${name}: it returns a promise; what it gives has to be there at once`),
          );
      },
      (error) => {
        this.pending--;
        this.#owner.broken(error);
      },
    );
    return undefined;
  }
}

/** A result with another error. Its methods are inherited, as those of the one that it is made of. */
function failedBy<Data>(result: Result<Data>, error: FetchError): Result<Data> {
  return Object.assign(Object.create(Object.getPrototypeOf(result)), result, { error });
}
