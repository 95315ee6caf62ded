import { write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { reasonOf } from '../trace/index.ts';
import { Batch } from './batch.ts';
import { StoreError } from './error.ts';
import type { Pack } from './packing.ts';

const writeFd = promisify(write);

/** A batch of this size is written; larger ones gain nothing. */
const BATCH_BYTES = 256 * 1024;
/** What waits for the disk before the engine is held back: a hiccup of the disk is no halt. */
const MOST_PENDING_BYTES = 4 * 1024 * 1024;
/** A batch that does not fill up is written after this time, so that a reader sees rows, and a kill loses few. */
const LINGER_MS = 200;

/** Writes batches to a file descriptor one after the other, packed, and holds its user back when the disk is slower. */
export class Writer {
  readonly #fd: number;
  readonly #name: string;
  readonly #pack: Pack;
  readonly #free: Batch[] = [];
  readonly #queue: Batch[] = [];
  #current = new Batch(BATCH_BYTES * 2);
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #room: PromiseWithResolvers<void> | null = null;
  #failure: StoreError | null = null;
  /** The last of the rows that wait for room. */
  #last: Promise<void> | null = null;

  constructor(fd: number, name: string, pack: Pack) {
    this.#fd = fd;
    this.#name = name;
    this.#pack = pack;
  }

  /**
   * Appends a row, at once or when there is room: a row that waits is not made yet, as text can take six times the
   * memory of its body. A promise means: wait for it before the next row. @throws (or rejects with) StoreError
   */
  append(row: (batch: Batch) => void): void | Promise<void> {
    if (this.#last === null && this.#pendingBytes < MOST_PENDING_BYTES) {
      row(this.batch);
      return this.appended();
    }
    const before = this.#last ?? this.#roomAgain();
    const mine = Promise.resolve(before)
      .catch(() => {}) // it was another row's failure: this row has its own
      .then(() => {
        row(this.batch);
        return this.appended();
      })
      .finally(() => {
        if (this.#last === mine) this.#last = null;
      });
    this.#last = mine;
    return mine;
  }

  /** Where to append. Call appended() after every row. @throws StoreError when an earlier write failed. */
  get batch(): Batch {
    if (this.#failure) throw this.#failure;
    return this.#current;
  }

  /** Looks after what was appended; a promise means: wait for it before the next row. */
  appended(): void | Promise<void> {
    if (this.#current.length < BATCH_BYTES) {
      this.#timer ??= setTimeout(() => this.#send(), LINGER_MS);
      return;
    }
    this.#send();
    return this.#roomAgain();
  }

  #roomAgain(): void | Promise<void> {
    if (this.#pendingBytes < MOST_PENDING_BYTES) return;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Writes what is left. @throws StoreError when not everything could be written. */
  async finish(): Promise<void> {
    this.#send();
    while (this.#writing) await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#current.length === 0) return;
    this.#queue.push(this.#current);
    this.#pendingBytes += this.#current.length;
    this.#current = this.#free.pop() ?? new Batch(BATCH_BYTES * 2);
    this.#writing ??= this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
        await this.#writeAll(await this.#pack(batch.filled));
        this.#pendingBytes -= batch.length;
        batch.clear();
        this.#free.push(batch);
        this.#queue.shift();
        this.#makeRoom();
      }
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    }
    this.#writing = null;
  }

  /** What was in flight when the engine was held back came on top: that must be gone too. */
  #makeRoom(): void {
    if (this.#pendingBytes >= MOST_PENDING_BYTES) return;
    this.#room?.resolve();
    this.#room = null;
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      try {
        at += (await writeFd(this.#fd, bytes, at, bytes.length - at)).bytesWritten;
      } catch (error) {
        // A pipe that its other user has made non-blocking is full for a moment.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        await sleep(5);
      }
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failure = toStoreError(error, this.#name);
    this.#queue.length = 0;
    this.#pendingBytes = 0;
    this.#room?.reject(this.#failure);
    this.#room = null;
  }
}

function toStoreError(error: NodeJS.ErrnoException, name: string): StoreError {
  if (error.code === 'EPIPE')
    return new StoreError('reader-gone', `${name}: its reader closed it before the end.`, error);
  return new StoreError('unwritable', `${name}: ${reasonOf(error)}.`, error);
}
