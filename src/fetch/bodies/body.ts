import { FetchError } from '../errors.ts';
import { option } from '../option-names.ts';
import type { BodyBudget } from './body-budget.ts';
import type { BufferPool } from './buffer-pool.ts';

/** A declared length is believed up to here; what is longer grows as it comes. */
const BELIEVED = 1024 * 1024;
const EMPTY = Buffer.alloc(0);

/** Where the bodies of a run come from. */
export interface BodyMemory {
  /** Bytes that one body may have. */
  readonly maxBody: number;
  readonly budget: BodyBudget;
  readonly pool: BufferPool;
}

/** The bytes of one body: gathered with one copy each, counted until they are released. */
export class Body {
  length = 0;
  readonly memory: BodyMemory;
  /** Whose bytes these are: an answer's raw and decoded body are one claim on the budget. */
  readonly #claim: object;
  #bytes: Buffer = EMPTY;
  #hasLeft = false;

  constructor(memory: BodyMemory, claim?: object) {
    this.memory = memory;
    this.#claim = claim ?? this;
  }

  /** An empty body for the same answer, to be decoded into. */
  successor(): Body {
    return new Body(this.memory, this.#claim);
  }

  /** Makes room for a declared length. @throws FetchError 'body-too-large'. */
  expect(length: number): void {
    if (length > this.memory.maxBody) throw tooLarge(this.memory.maxBody);
    // node:http2 reports DATA before HEADERS when both come in one read: data that is already here is kept.
    if (length > this.#bytes.length) this.#grow(Math.min(length, BELIEVED));
  }

  /** Copies chunk[from, to). @throws FetchError 'body-too-large'. */
  add(chunk: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.#bytes.length) this.#grow(length);
    chunk.copy(this.#bytes, this.length, from, to);
    this.length = length;
  }

  /** The whole body. It is valid until release(). */
  bytes(): Buffer {
    return this.length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.length);
  }

  /** Whether no more may be added for now. If so, `resume` is called once, when it may. */
  mustWait(resume: () => void): boolean {
    return this.memory.budget.mustWait(this.#claim, resume);
  }

  /** It is whole, and waits only to be taken. */
  leaves(): void {
    this.#hasLeft = true;
    this.memory.budget.leaves(this.#claim);
  }

  /** Its bytes are no longer needed: their memory can be reused. */
  release(): void {
    this.memory.pool.give(this.#bytes);
    this.handOver();
  }

  /** Its bytes are the caller's own from now on. */
  handOver(): void {
    const { budget } = this.memory;
    budget.give(this.#bytes.length);
    this.#bytes = EMPTY;
    budget.gone(this.#claim, this.#hasLeft);
    this.#hasLeft = false;
  }

  /** Gives up its bytes for those of its successor: the answer goes on. */
  replacedBy(successor: Body): Body {
    this.memory.pool.give(this.#bytes);
    this.memory.budget.give(this.#bytes.length);
    this.#bytes = EMPTY;
    return successor;
  }

  #grow(length: number): void {
    const { maxBody, pool, budget } = this.memory;
    if (length > maxBody) throw tooLarge(maxBody);
    const before = this.#bytes;
    this.#bytes = pool.take(Math.max(length, Math.min(2 * before.length, maxBody)));
    budget.take(this.#bytes.length);
    before.copy(this.#bytes, 0, 0, this.length);
    pool.give(before);
    budget.give(before.length);
  }
}

/** The error of a body over the limit. */
export function tooLarge(maxBody: number): FetchError {
  return new FetchError(
    'body-too-large',
    `the body is larger than ${maxBody} bytes; raise ${option('maxBody')} if it should be taken`,
  );
}
