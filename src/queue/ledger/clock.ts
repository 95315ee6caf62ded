import type { Clock } from '../../chunks/index.ts';

/** Clocks drift apart by less than this, in microseconds a second: the error of a measurement grows with its age. */
const DRIFT_US_PER_S = 100;

/** The offset of one clock to another, from round trips: the shortest one is the most exact. */
export class ClockOffset {
  #best: (Clock & { readonly atUs: number }) | null = null;

  /** The server's clock was `serverUs` at some time between two of ours. */
  measured(beforeUs: number, serverUs: number, afterUs: number): void {
    const errorUs = Math.ceil((afterUs - beforeUs) / 2);
    const offsetUs = Math.round(serverUs - (beforeUs + afterUs) / 2);
    const known = this.at(afterUs);
    // If the two contradict each other, the clock was set meanwhile: the new measurement counts.
    const isOther = known !== null && Math.abs(offsetUs - known.offsetUs) > errorUs + known.errorUs;
    if (known === null || isOther || errorUs <= known.errorUs)
      this.#best = { offsetUs, errorUs, atUs: afterUs };
  }

  /** null: nothing was measured yet. */
  at(nowUs: number): Clock | null {
    if (this.#best === null) return null;
    const { offsetUs, atUs } = this.#best;
    const errorUs = this.#best.errorUs + Math.ceil(((nowUs - atUs) / 1e6) * DRIFT_US_PER_S);
    // Clocks that may be equal count as equal: those of one machine are.
    return { offsetUs: Math.abs(offsetUs) <= errorUs ? 0 : offsetUs, errorUs };
  }
}
