/** Random numbers that a seed and a stream decide: the same two give the same numbers, everywhere. */
export class Random {
  #state: number;

  constructor(seed: number, stream: number) {
    this.#state = mixed(mixed(seed) ^ Math.imul(stream + 1, 0x9e3779b1));
  }

  /** Other numbers, which do not depend on how many were taken of these. */
  fork(stream: number): Random {
    return new Random(stream, 1);
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return mixed(this.#state) / 2 ** 32;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One of the pairs, as often as its weight says. */
  weighted<T>(list: readonly (readonly [weight: number, item: T])[]): T {
    let at = this.next() * list.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, item] of list) {
      at -= weight;
      if (at < 0) return item;
    }
    return list[list.length - 1]![1];
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
