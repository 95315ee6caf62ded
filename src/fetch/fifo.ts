/** A queue whose every operation is O(1): a ring that doubles. Array.shift on a long queue doubled a run's CPU. */
export class Fifo<T> {
  #ring: (T | undefined)[] = new Array(16);
  #head = 0;
  length = 0;

  push(item: T): void {
    if (this.length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.length++) & (this.#ring.length - 1)] = item;
  }

  /** The item that shift() would give. */
  get first(): T | undefined {
    return this.length === 0 ? undefined : this.#ring[this.#head];
  }

  /** Puts an item before all others. */
  unshift(item: T): void {
    if (this.length === this.#ring.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = item;
    this.length++;
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.length--;
    return item;
  }

  /** Removes and returns the first item that the test accepts; undefined if there is none. */
  shiftFirst(test: (item: T) => boolean): T | undefined {
    if (this.length > 0 && test(this.#ring[this.#head] as T)) return this.shift();
    let first: T | undefined;
    for (let left = this.length; left > 0; left--) {
      const item = this.shift() as T;
      if (first === undefined && test(item)) first = item;
      else this.push(item);
    }
    return first;
  }

  /** Whether the test picks any item. */
  some(test: (item: T) => boolean): boolean {
    for (let i = 0; i < this.length; i++)
      if (test(this.#ring[(this.#head + i) & (this.#ring.length - 1)] as T)) return true;
    return false;
  }

  /** Takes out every item that the test picks, in order. */
  take(test: (item: T) => boolean): T[] {
    const taken: T[] = [];
    for (let left = this.length; left > 0; left--) {
      const item = this.shift() as T;
      if (test(item)) taken.push(item);
      else this.push(item);
    }
    return taken;
  }

  #grow(): void {
    const ring = this.#ring;
    const size = ring.length;
    const bigger = new Array(size * 2);
    for (let i = 0; i < this.length; i++) bigger[i] = ring[(this.#head + i) & (size - 1)];
    this.#ring = bigger;
    this.#head = 0;
  }
}
