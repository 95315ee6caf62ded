/** Bodies up to this live in Node's own pool, or die young. */
const SMALL = 64 * 1024;
/** Memory kept for bodies to come. */
const MOST_KEPT = 64 * 1024 * 1024;

/**
 * Memory for the bodies of a run. A fresh megabyte for each response costs as much as reading it does: the kernel
 * clears its pages, and the collector runs for every few dozen. Room that was given back is used again.
 */
export class BodyRoom {
  /** Bytes that one body may have. */
  readonly max: number;
  readonly #free = new Map<number, Buffer[]>();
  #kept = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** Room for at least `length` bytes, with anything in it. */
  take(length: number): Buffer {
    if (length <= SMALL) return Buffer.allocUnsafe(length);
    const size = 2 ** Math.ceil(Math.log2(length));
    const room = this.#free.get(size)?.pop();
    if (room === undefined) return Buffer.allocUnsafeSlow(size);
    this.#kept -= size;
    return room;
  }

  /** A body that nobody looks at any more. */
  give(body: Buffer): void {
    const size = body.buffer.byteLength;
    const ours = body.byteOffset === 0 && size > SMALL && Number.isInteger(Math.log2(size));
    if (!ours || this.#kept + size > MOST_KEPT) return;
    this.#kept += size;
    const free = this.#free.get(size);
    const room = Buffer.from(body.buffer);
    if (free === undefined) this.#free.set(size, [room]);
    else free.push(room);
  }
}
