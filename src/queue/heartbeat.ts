import { whyUnusable } from './error.ts';

/** Calls again and again, never twice at once, and says when that fails, and when it works again. */
export class Heartbeat {
  readonly #beat: () => Promise<void>;
  readonly #said: (why: string | null) => void;
  readonly #timer: NodeJS.Timeout;
  #isBeating = false;
  #why: string | null = null;

  /** `said`: what keeps the server from being used, after its name; null: it is there again. */
  constructor(beat: () => Promise<void>, everyMs: number, said: (why: string | null) => void) {
    this.#beat = beat;
    this.#said = said;
    this.#timer = setInterval(() => void this.#again(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #again(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      await this.#beat();
      this.#heard(null);
    } catch (error) {
      this.#heard(whyUnusable(error));
    }
    this.#isBeating = false;
  }

  #heard(why: string | null): void {
    const isNews = (why === null) !== (this.#why === null);
    this.#why = why;
    if (isNews) this.#said(why);
  }
}
