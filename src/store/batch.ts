import { ESCAPE_SLICE, escapeJson } from './escape.ts';

/** A batch that a huge body made larger than this is not kept for reuse. */
const MOST_KEPT = 8 * 1024 * 1024;

/** Bytes that are written together: rows are appended until it is handed to a write, then it is used again. */
export class Batch {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was appended. It holds until the next clear(). */
  get filled(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    if (this.#bytes.length > MOST_KEPT) this.#bytes = Buffer.allocUnsafeSlow(MOST_KEPT);
  }

  /** Appends a string as UTF-8. */
  text(text: string): void {
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** Appends bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends bytes as base64. */
  base64(bytes: Buffer): void {
    const text = bytes.toString('base64');
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** Appends UTF-8 bytes as the inside of a JSON string. */
  jsonString(utf8: Buffer): void {
    for (let from = 0; from < utf8.length; from += ESCAPE_SLICE) {
      this.bytes(escapeJson(utf8.subarray(from, from + ESCAPE_SLICE)));
    }
  }

  #reserve(more: number): void {
    const least = this.#length + more;
    if (least <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(least, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
