interface Waiter {
  readonly places: number;
  readonly enter: () => void;
}

/** Hands out a number of places: who finds none waits, in the order of asking. */
export class Room {
  readonly places: number;
  #free: number;
  readonly #waiting: Waiter[] = [];

  constructor(places: number) {
    this.places = places;
    this.#free = places;
  }

  /** Does some work once there is a place for it; `first` passes by those who wait. */
  with<T>(work: () => Promise<T>, first = false): Promise<T> {
    return this.#within(1, first, work);
  }

  /** Does some work while nothing else is done; what begins later waits for its end. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#within(this.places, true, work);
  }

  async #within<T>(places: number, first: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      if (first) this.#waiting.unshift({ places, enter });
      else this.#waiting.push({ places, enter });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      this.#free += places;
      this.#admit();
    }
  }

  #admit(): void {
    for (
      let next = this.#waiting[0];
      next !== undefined && next.places <= this.#free;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#free -= next.places;
      next.enter();
    }
  }
}
