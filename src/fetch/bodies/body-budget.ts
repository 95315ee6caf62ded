/**
 * The bytes that the bodies of a run hold together. When the budget is spent, a job that needs more waits: reading and
 * decoding pause. One answer goes on nevertheless, and only while no other is on its way out: otherwise answers that
 * are all half read would wait for each other for ever. So a run holds at most the limit and one body.
 */
export class BodyBudget {
  readonly #limit: number;
  #used = 0;
  /** Answers that need nothing more, and give back what they hold once they are taken. */
  #leaving = 0;
  /** The answer that goes on although all is spent. */
  #ahead: object | null = null;
  readonly #waiting = new Map<object, () => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
    this.#wake();
  }

  /** Whether there is more than the limit allows. */
  get isSpent(): boolean {
    return this.#used > this.#limit;
  }

  /** Whether an answer must wait before it takes more. If so, `resume` is called once, when it may go on. */
  mustWait(answer: object, resume: () => void): boolean {
    if (!this.isSpent || answer === this.#ahead) return false;
    if (this.#ahead === null && this.#leaving === 0) {
      this.#ahead = answer;
      return false;
    }
    this.#waiting.set(answer, resume);
    return true;
  }

  /** An answer needs nothing more. */
  leaves(answer: object): void {
    this.#leaving++;
    this.#forget(answer);
  }

  /** An answer is gone. `left`: leaves() was called for it. */
  gone(answer: object, left: boolean): void {
    if (left) this.#leaving--;
    this.#forget(answer);
    this.#wake();
  }

  #forget(answer: object): void {
    this.#waiting.delete(answer);
    if (this.#ahead === answer) this.#ahead = null;
  }

  #wake(): void {
    for (const [answer, resume] of this.#waiting) {
      if (this.isSpent) {
        if (this.#ahead !== null || this.#leaving > 0) return;
        this.#ahead = answer;
      }
      this.#waiting.delete(answer);
      resume();
    }
  }
}
