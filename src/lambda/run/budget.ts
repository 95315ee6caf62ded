/** The last rows take longer than the mean one: the time of so many answers is kept for them. */
const TAIL_ANSWERS = 3;
/** What is measured may take longer the next time. */
const CAUTION = 1.25;
/** The time to end the report, give the run back and send a message: at least this, or this share of the time that it took to begin. */
const HAND_ON_MS = 500;
const HAND_ON_SHARE = 0.5;
/** The rate is that of the last chunks: a server may become slower. */
const MARKS = 8;
/** Of the time of an invocation: what SQL and dumps begin with at least. */
const CRUNCH_SHARE = 0.1;
const CRUNCH_MS = 3000;

/** The state of fetching. */
export interface Load {
  /** Rows that were begun since the invocation began, and how many of them are not done. */
  readonly begun: number;
  readonly pending: number;
  readonly inFlight: number;
}

/** The time of an invocation, and what the end of it is needed for: measured while it runs. */
export class Budget {
  readonly #remainingMs: () => number;
  /** What it began with. */
  readonly wholeMs: number;
  #beginMs = 0;
  #writeMs = 0;
  #marks: { readonly atMs: number; readonly done: number }[] = [];

  constructor(remainingMs: () => number) {
    this.#remainingMs = remainingMs;
    this.wholeMs = remainingMs();
  }

  /** The first request is about to be sent. The end of an invocation takes about as long as its beginning until now. */
  began(): void {
    this.#beginMs ||= this.wholeMs - this.#remainingMs();
  }

  /** A file was written into the storage. */
  wrote(ms: number): void {
    this.#writeMs = Math.max(this.#writeMs, ms);
  }

  /** What is kept for writing what is whole and handing on the rest. */
  get lastMs(): number {
    return Math.max(HAND_ON_MS, HAND_ON_SHARE * this.#beginMs) + CAUTION * 2 * this.#writeMs;
  }

  /** Until nothing may be in flight any more. */
  get untilLastMs(): number {
    return this.#remainingMs() - this.lastMs;
  }

  /** Whether a chunk that is begun now will be finished and written in time, with all that was begun before. */
  allows(chunkRows: number, load: Load): boolean {
    this.#mark(load);
    return this.untilLastMs > CAUTION * this.#finishingMs(chunkRows, load);
  }

  /** Whether there is time to begin with what follows the last answer. */
  get allowsCrunch(): boolean {
    return this.#remainingMs() > Math.max(CRUNCH_MS, CRUNCH_SHARE * this.wholeMs);
  }

  #mark({ begun, pending }: Load): void {
    this.#marks.push({ atMs: performance.now(), done: begun - pending });
    if (this.#marks.length > MARKS) this.#marks.shift();
  }

  #finishingMs(chunkRows: number, { pending, inFlight }: Load): number {
    const [first, last] = [this.#marks[0]!, this.#marks.at(-1)!];
    const done = last.done - first.done;
    // Nothing is known of the servers yet.
    if (done <= 0) return CRUNCH_SHARE * this.wholeMs;
    const rowMs = (last.atMs - first.atMs) / done;
    // Little's law: an answer takes as long as it takes to get those that are in flight.
    return rowMs * (pending + chunkRows + (TAIL_ANSWERS - 1) * inFlight);
  }
}
