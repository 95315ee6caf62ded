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

/** The proof of an engine, from its shares in the order of time. Only the last one says how busy its loop was in all. */
export function joinedProof(shares: readonly ConcurrencySummary[]): ConcurrencySummary {
  return {
    ...summaryOf(shares.map(sumsOf).reduce(more)),
    inFlightMax: Math.max(...shares.map(({ inFlightMax }) => inFlightMax)),
    loopBusy: shares.at(-1)!.loopBusy,
  };
}

function sumsOf({ activeMs, inFlightMean, wantedMean, givenUpMs }: ConcurrencySummary): Sums {
  return { activeMs, inFlightMs: inFlightMean * activeMs, wantedMs: wantedMean * activeMs, givenUpMs };
}

function more(one: Sums, other: Sums): Sums {
  return combined(one, other, (a, b) => a + b);
}

function less(one: Sums, other: Sums): Sums {
  return combined(one, other, (a, b) => Math.max(0, a - b));
}

function combined(one: Sums, other: Sums, of: (a: number, b: number) => number): Sums {
  const reasons = new Set([...Object.keys(one.givenUpMs), ...Object.keys(other.givenUpMs)] as GivenUpTo[]);
  return {
    activeMs: of(one.activeMs, other.activeMs),
    inFlightMs: of(one.inFlightMs, other.inFlightMs),
    wantedMs: of(one.wantedMs, other.wantedMs),
    givenUpMs: Object.fromEntries(
      [...reasons].map((reason) => [reason, of(one.givenUpMs[reason] ?? 0, other.givenUpMs[reason] ?? 0)]),
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
