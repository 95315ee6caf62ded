/** A set of whole numbers, one bit each: a million of them are 128 KB. */
export class Bits {
  #words = new Uint32Array(1024);
  #count = 0;

  /** How many are in it. */
  get count(): number {
    return this.#count;
  }

  has(number: number): boolean {
    return (((this.#words[number >>> 5] ?? 0) >>> (number & 31)) & 1) === 1;
  }

  /** Adds a number below 2^32. Returns false where it was in it. */
  add(number: number): boolean {
    const word = number >>> 5;
    if (word >= this.#words.length) this.#grow(word + 1);
    const before = this.#words[word]!;
    const after = before | (1 << (number & 31));
    if (before === after >>> 0) return false;
    this.#words[word] = after;
    this.#count++;
    return true;
  }

  #grow(least: number): void {
    const words = new Uint32Array(Math.max(least, this.#words.length * 2));
    words.set(this.#words);
    this.#words = words;
  }
}
