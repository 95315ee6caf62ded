import { Fifo } from './fifo.ts';

/** Handed over in one go: the loop has other things to do. */
const SLICE = 512;

/**
 * Results of inputs that are not requests. They wait for room in the sink as the others do, and are handed over from an
 * empty stack: what a result asks for next may be refused in its turn, without end.
 */
export class Refusals<T> {
  readonly #waiting = new Fifo<T>();
  readonly #hand: (result: T) => void;
  readonly #hasRoom: () => boolean;
  #scheduled = false;

  constructor(hand: (result: T) => void, hasRoom: () => boolean) {
    this.#hand = hand;
    this.#hasRoom = hasRoom;
  }

  add(result: T): void {
    this.#waiting.push(result);
    this.review();
  }

  /** The sink may have room again. */
  review(): void {
    if (this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (let left = SLICE; left > 0 && this.#waiting.length > 0 && this.#hasRoom(); left--)
        this.#hand(this.#waiting.shift()!);
      if (this.#hasRoom()) this.review();
    });
  }
}
