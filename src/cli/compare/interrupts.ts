const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C ends the run that is under way, and the comparison says what is known. */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort();

  /** What comes of work that is done side by side: the first failure ends all of it. null: it was interrupted. */
  async orEnded<T>(begin: (signal: AbortSignal) => readonly Promise<T>[]): Promise<T[] | null> {
    const failed = new AbortController();
    const work = begin(AbortSignal.any([this.signal, failed.signal]));
    for (const each of work) each.catch((error) => failed.abort(error));
    await Promise.allSettled(work);
    if (this.signal.aborted) return null;
    failed.signal.throwIfAborted();
    return Promise.all(work);
  }

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#abort);
  }
}
