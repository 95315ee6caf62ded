/** How often processes write, and when one counts as gone. Tests have shorter ones. */
export interface Timings {
  /** A chunk is handed on when its worker has not renewed its lock for this long. */
  readonly lockMs: number;
  /** How often workers look for such chunks. All workers of a queue share one timer, so they have the same. */
  readonly stalledMs: number;
  readonly beatMs: number;
  /** A worker that is silent for this long is out. */
  readonly silentMs: number;
}

export const TIMINGS: Timings = { lockMs: 30_000, stalledMs: 5000, beatMs: 1000, silentMs: 30_000 };
