/** The longest that a timer of Node waits; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Where a run has its time from: a simulation has its own. Times are milliseconds of performance.now(). */
export interface Clock {
  now(): number;
  /** Calls `then` once, after so long or earlier: callers look again whether their time has come. */
  after(ms: number, then: () => void): Alarm;
  /** Calls `then` when what is going on now has ended, and what the system has ready was read. */
  soon(then: () => void): void;
}

/** Something that will be called. */
export interface Alarm {
  cancel(): void;
  /** The process may end before it is called. */
  unref(): Alarm;
}

/** Calls `then` once after this time, which may be longer than a timer of Node allows. Returns a function that cancels it. */
export function callAfter(ms: number, then: () => void): () => void {
  const at = performance.now() + ms;
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    timer = setTimeout(
      () => (leftMs > LONGEST_MS ? wait(at - performance.now()) : then()),
      Math.min(leftMs, LONGEST_MS),
    );
  };
  wait(ms);
  return () => clearTimeout(timer);
}

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, Math.min(Math.ceil(ms), LONGEST_MS));
    const alarm: Alarm = {
      cancel: () => clearTimeout(timer),
      unref() {
        timer.unref();
        return alarm;
      },
    };
    return alarm;
  },
  soon: (then) => void setImmediate(then),
};
