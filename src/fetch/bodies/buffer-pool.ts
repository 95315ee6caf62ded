/** Buffers up to this live in Node's own pool, or die young. */
const SMALL = 64 * 1024;
/** Bytes kept for bodies to come. */
const MOST_KEPT = 64 * 1024 * 1024;

/**
 * Buffers for bodies. A fresh megabyte for each response costs as much as reading it does: the kernel clears its
 * pages, and the collector runs for every few dozen. A buffer that was given back is used again.
 */
export class BufferPool {
  readonly #free = new Map<number, Buffer[]>();
  #kept = 0;

  /** A buffer of at least `length` bytes, with anything in it. */
  take(length: number): Buffer {
    if (length <= SMALL) return Buffer.allocUnsafe(length);
    const size = 2 ** Math.ceil(Math.log2(length));
    const buffer = this.#free.get(size)?.pop();
    if (buffer === undefined) return Buffer.allocUnsafeSlow(size);
    this.#kept -= size;
    return buffer;
  }

  /** Takes back a buffer that is no longer used. */
  give(buffer: Buffer): void {
    const size = buffer.buffer.byteLength;
    const isOurs = buffer.byteOffset === 0 && size > SMALL && Number.isInteger(Math.log2(size));
    if (!isOurs || this.#kept + size > MOST_KEPT) return;
    this.#kept += size;
    const free = this.#free.get(size);
    const whole = Buffer.from(buffer.buffer);
    if (free === undefined) this.#free.set(size, [whole]);
    else free.push(whole);
  }
}
