import type { ConcurrencySummary, GivenUpTo } from '../run.ts';

/** Why a queued request can't be sent now, in the order in which free slots are charged to it. */
export const REASONS = ['back-off', 'rate', 'per-origin-rate', 'adapting', 'per-origin'] as const;
/** Place of a reason in REASONS. */
export type Reason = 0 | 1 | 2 | 3 | 4;
export const BACK_OFF: Reason = 0;
export const RATE: Reason = 1;
export const PER_ORIGIN_RATE: Reason = 2;
export const ADAPTING: Reason = 3;
export const PER_ORIGIN: Reason = 4;

/**
 * A run's account of its own concurrency. Between two changes of its numbers time is added up:
 * wanted = min(slots, requests available), less free slots that nothing but a limit or a back-off keeps empty, and
 * less slots in which an answer is decoded.
 * overlap = integral of in flight / integral of wanted, so any other free slot counts against the engine.
 * Every change is `advance(now)` first, then the number.
 */
export class ConcurrencyMeter {
  slots: number;
  /** Taken from the input and not done. */
  available = 0;
  /** Slots in use: dispatched and not done. */
  busy = 0;
  /** Sent and not read. */
  inFlight = 0;
  inFlightMax = 0;
  /** Slots in use by answers that are being decoded. */
  decoding = 0;
  /** The input has more, and is slow to give it. */
  inputWaits = false;
  /** The rate of the run holds back everything that is queued. */
  rateHolds = false;
  /** Not dispatched, by what holds them back. */
  readonly blocked = [0, 0, 0, 0, 0];
  #at: number;
  #inFlightMs = 0;
  #wantedMs = 0;
  #activeMs = 0;
  #slowInputMs = 0;
  #decodingMs = 0;
  readonly #givenUpMs = [0, 0, 0, 0, 0];

  constructor(slots: number, now: number) {
    this.slots = slots;
    this.#at = now;
  }

  /** Adds up the time since the last change. Milliseconds. */
  advance(now: number): void {
    const ms = now - this.#at;
    if (ms <= 0) return;
    this.#at = now;
    const could = this.available < this.slots ? this.available : this.slots;
    if (this.inputWaits) this.#slowInputMs += ms * (this.slots - could);
    if (could === 0) return;
    this.#activeMs += ms;
    this.#inFlightMs += ms * this.inFlight;
    const free = could - this.busy;
    this.#decodingMs += ms * this.decoding;
    this.#wantedMs += ms * ((free <= 0 ? could : could - this.#charge(free, ms)) - this.decoding);
  }

  /** How many of the free slots only limits keep empty; charges them. */
  #charge(free: number, ms: number): number {
    const blocked = this.blocked;
    const held = blocked[0]! + blocked[1]! + blocked[2]! + blocked[3]! + blocked[4]!;
    if (this.rateHolds) {
      const short = Math.min(free, this.available - this.busy);
      this.#givenUpMs[RATE]! += short * ms;
      return short;
    }
    if (held === 0) return 0;
    let short = Math.max(0, free - (this.available - this.busy - held));
    const all = short;
    for (let reason = 0; reason < blocked.length && short > 0; reason++) {
      const slots = Math.min(short, blocked[reason]!);
      this.#givenUpMs[reason]! += slots * ms;
      short -= slots;
    }
    return all - short;
  }

  sent(): void {
    this.inFlight++;
    if (this.inFlight > this.inFlightMax) this.inFlightMax = this.inFlight;
  }

  /** What it comes to. `loopBusy`: the event loop's utilization over the run. */
  proof(loopBusy: number): ConcurrencySummary {
    const mean = (ms: number) => (this.#activeMs === 0 ? 0 : ms / this.#activeMs);
    const givenUpMs: Partial<Record<GivenUpTo, number>> = {};
    REASONS.forEach((reason, i) => {
      if (this.#givenUpMs[i]! > 0) givenUpMs[reason] = this.#givenUpMs[i]!;
    });
    if (this.#decodingMs > 0) givenUpMs.decoding = this.#decodingMs;
    if (this.#slowInputMs > 0) givenUpMs['slow input'] = this.#slowInputMs;
    return {
      inFlightMean: mean(this.#inFlightMs),
      inFlightMax: this.inFlightMax,
      wantedMean: mean(this.#wantedMs),
      activeMs: this.#activeMs,
      overlap: this.#wantedMs === 0 ? 1 : Math.min(1, this.#inFlightMs / this.#wantedMs),
      givenUpMs,
      loopBusy,
    };
  }
}
