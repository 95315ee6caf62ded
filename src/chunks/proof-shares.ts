import type { ConcurrencySummary, GivenUpTo } from '../fetch/index.ts';

/** Sums of a proof, which can be subtracted. */
interface Sums {
  readonly activeMs: number;
  readonly inFlightMs: number;
  readonly wantedMs: number;
  readonly givenUpMs: Readonly<Partial<Record<GivenUpTo, number>>>;
}

const NOTHING: Sums = { activeMs: 0, inFlightMs: 0, wantedMs: 0, givenUpMs: {} };

/** Divides the proof of an engine among the files that it writes: all shares together are the whole, once. */
export class ProofShares {
  #told = NOTHING;

  /** The part of `proof`, the engine's so far, that is in no file yet. Call `undo` if the file is not written. */
  next(proof: ConcurrencySummary): { readonly share: ConcurrencySummary; undo(): void } {
    const sums = sumsOf(proof);
    const share = less(sums, this.#told);
    this.#told = sums;
    return {
      share: { ...proof, ...summaryOf(share) },
      undo: () => {
        this.#told = less(this.#told, share);
      },
    };
  }
}

function sumsOf({ activeMs, inFlightMean, wantedMean, givenUpMs }: ConcurrencySummary): Sums {
  return { activeMs, inFlightMs: inFlightMean * activeMs, wantedMs: wantedMean * activeMs, givenUpMs };
}

function less(one: Sums, other: Sums): Sums {
  const difference = (a = 0, b = 0) => Math.max(0, a - b);
  const reasons = new Set([...Object.keys(one.givenUpMs), ...Object.keys(other.givenUpMs)] as GivenUpTo[]);
  return {
    activeMs: difference(one.activeMs, other.activeMs),
    inFlightMs: difference(one.inFlightMs, other.inFlightMs),
    wantedMs: difference(one.wantedMs, other.wantedMs),
    givenUpMs: Object.fromEntries(
      [...reasons].map((reason) => [reason, difference(one.givenUpMs[reason], other.givenUpMs[reason])]),
    ),
  };
}

function summaryOf({ activeMs, inFlightMs, wantedMs, givenUpMs }: Sums) {
  const mean = (ms: number) => (activeMs === 0 ? 0 : ms / activeMs);
  return {
    activeMs,
    inFlightMean: mean(inFlightMs),
    wantedMean: mean(wantedMs),
    overlap: wantedMs === 0 ? 1 : Math.min(1, inFlightMs / wantedMs),
    givenUpMs,
  };
}
