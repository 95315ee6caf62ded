import type { Alarm, Clock } from '../src/fetch/clock.ts';

interface Entry {
  readonly atMs: number;
  readonly then: () => void;
  isOff: boolean;
}

/** Time that passes only when everything that can be done was done: then it jumps to the next alarm. */
export class SimulatedClock implements Clock {
  #nowMs = 0;
  #alarms: Entry[] = [];
  #soon: (() => void)[] = [];

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, then: () => void): Alarm {
    const entry: Entry = { atMs: this.#nowMs + Math.max(1, Math.ceil(ms)), then, isOff: false };
    const place = this.#alarms.findLastIndex(({ atMs }) => atMs > entry.atMs);
    this.#alarms.splice(place + 1, 0, entry);
    const alarm: Alarm = {
      cancel() {
        entry.isOff = true;
      },
      unref: () => alarm,
    };
    return alarm;
  }

  soon(then: () => void): void {
    this.#soon.push(then);
  }

  /** Does the next thing. false when there is none. */
  step(): boolean {
    const soon = this.#soon;
    if (soon.length > 0) {
      this.#soon = [];
      for (const then of soon) then();
      return true;
    }
    const next = this.#alarms.pop();
    if (next === undefined) return false;
    if (next.isOff) return true;
    this.#nowMs = next.atMs;
    next.then();
    return true;
  }
}
