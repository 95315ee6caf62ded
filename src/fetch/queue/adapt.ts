/** Share of the limit that stays after the origin said it was too much. */
const CUT = 0.5;

/**
 * How many requests an origin gets at once, when it complains: halved by a 429 or 503, and one more for every
 * round of good answers (additive increase, multiplicative decrease, as TCP in RFC 5681). Complaints about
 * requests sent before the last cut are of the same overload and cut no further.
 */
export class AdaptiveLimit {
  limit = Number.POSITIVE_INFINITY;
  #cutAt = Number.NEGATIVE_INFINITY;

  /** The origin complained about a request sent at `sentAt`, while it had `active` of them. */
  complaint(sentAt: number, now: number, active: number): void {
    if (sentAt <= this.#cutAt) return;
    this.limit = Math.max(1, Math.floor(Math.min(this.limit, active) * CUT));
    this.#cutAt = now;
  }

  /** The origin gave a good answer. `most`: the limit it would have if it never complained. */
  goodAnswer(most: number): void {
    if (this.limit === Number.POSITIVE_INFINITY) return;
    this.limit += 1 / this.limit;
    if (this.limit >= most) this.limit = Number.POSITIVE_INFINITY;
  }
}

/** After this many failed connects in a row an origin counts as down. */
const FAILURES_IN_A_ROW = 5;
/** The one more probe is made after this pause. */
export const PROBE_AFTER_MS = 1000;
/** Connections opened at once to an origin whose last connect failed; it may be dead, and each costs a slot. */
const OPENED_IN_DOUBT = 2;
/** Connections opened at once to one origin: 128 SYNs fit the listen backlog of every server in use. */
const OPENED_AT_ONCE = 128;

/** Whether an origin can be connected to, by its failures in a row. Times are milliseconds of performance.now(). */
export class Health {
  #failures = 0;
  #probedFrom = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** An origin that answers on the connections that it has, and takes no more, is not asked for one before this. */
  #connectsFrom = Number.NEGATIVE_INFINITY;
  /** 'probing': one more connect, or an answer, decides. */
  state: 'up' | 'probing' | 'down' = 'up';

  connected(): void {
    this.#failures = 0;
    this.state = 'up';
  }

  /** An answer came. A probe may go out on a connection from before, and is decided by that. */
  answered(now: number): void {
    this.#answeredAt = now;
    if (this.state === 'probing') this.#doubtConnects(now);
  }

  /** A connect begun at `startedAt` failed, while there were `connections`. Those begun before the probe say nothing new. */
  failed(startedAt: number, now: number, connections: number): void {
    if (this.state === 'up' && ++this.#failures >= FAILURES_IN_A_ROW) {
      if (connections > 0 && now - this.#answeredAt < PROBE_AFTER_MS) this.#doubtConnects(now);
      else {
        this.state = 'probing';
        this.#probedFrom = now;
      }
    } else if (this.state === 'probing' && startedAt > this.#probedFrom) this.state = 'down';
  }

  /** How many connects may be under way at once, where there are `connections`. */
  connects(now: number, connections: number): number {
    if (this.state !== 'up') return 1;
    if (connections > 0 && now < this.#connectsFrom) return 0;
    return this.#failures > 0 ? OPENED_IN_DOUBT : OPENED_AT_ONCE;
  }

  #doubtConnects(now: number): void {
    this.state = 'up';
    this.#failures = FAILURES_IN_A_ROW - 1;
    this.#connectsFrom = now + PROBE_AFTER_MS;
  }
}
