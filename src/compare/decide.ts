import type { Verdict } from '../diagnose/index.ts';
import { isLess } from './exact-test.ts';

/** What is compared of a run. */
export interface Outcome {
  /** All answers came, and the program ended well. */
  readonly complete: boolean;
  /** From the start of the program to its end. */
  readonly seconds: number;
  /** `wallMs`: of its requests alone, which no slow start hides. */
  readonly verdict: Pick<Verdict, 'overlap' | 'step' | 'wallMs'>;
}

/** How two sides can be told apart. */
export type Contrast =
  /** By the verdict of each run: one run of each decides. */
  | { readonly by: 'verdict'; readonly fast: Shape; readonly slow: Shape; readonly limitSeconds: number }
  /** By time alone. */
  | {
      readonly by: 'time';
      readonly fast: readonly number[];
      readonly slow: readonly number[];
      readonly limitSeconds: number;
    };

interface Shape {
  readonly overlap: string;
  readonly step: string;
}

/** Slow means another overlap or step than the other side, or at least so many times its time. */
export const SLOWER = 1.5;
/** Runs of each side, where only time tells them apart. */
export const LEAST_RUNS = 5;
export const LEAST_PROBABILITY = 0.01;
/** Runs of each side, at most, before the search for what makes the difference begins. */
export const MOST_TIMED = 10;

const RANK: Readonly<Record<string, number>> = { concurrent: 0, partly: 1, serial: 2 };

/**
 * Which of two complete runs is the slow one, by their verdicts: less overlap; or the same overlap, another step, and
 * more time. null: verdicts do not tell them apart.
 */
export function slowerByVerdict(one: Outcome, other: Outcome): 'one' | 'other' | null {
  const [rank, otherRank] = [RANK[one.verdict.overlap], RANK[other.verdict.overlap]];
  if (rank === undefined || otherRank === undefined) return null;
  if (rank !== otherRank) {
    const slower = rank > otherRank ? 'one' : 'other';
    return isContradicted(slower === 'one' ? one : other, slower === 'one' ? other : one) ? null : slower;
  }
  if (
    one.verdict.step === other.verdict.step ||
    Math.abs(Math.log(one.verdict.wallMs / other.verdict.wallMs)) < Math.log(1.2)
  )
    return null;
  return one.verdict.wallMs > other.verdict.wallMs ? 'one' : 'other';
}

/** A run with less overlap that took less time is no slow one: the verdicts differ by chance, or for another reason. */
function isContradicted(slow: Outcome, fast: Outcome): boolean {
  return slow.verdict.wallMs * 1.1 < fast.verdict.wallMs;
}

/** The contrast of two sides by verdict. */
export function byVerdict(fast: Outcome, slow: Outcome): Contrast {
  const limitSeconds = Math.sqrt(fast.verdict.wallMs * slow.verdict.wallMs) / 1000;
  return { by: 'verdict', fast: fast.verdict, slow: slow.verdict, limitSeconds };
}

/** The contrast of two sides by time; null: they differ by less than this factor, or by chance. */
export function byTime(fast: readonly number[], slow: readonly number[], factor = SLOWER): Contrast | null {
  const [low, high] = [median(fast), median(slow)];
  if (high < low * factor || !isLess(fast, slow, LEAST_PROBABILITY)) return null;
  return { by: 'time', fast, slow, limitSeconds: Math.sqrt(low * high) };
}

/**
 * Whether one more run of each may tell two sides apart by time: there are fewer than five of each, or they differ by this
 * factor and it may be chance.
 */
export function isOpen(fast: readonly number[], slow: readonly number[], factor = SLOWER): boolean {
  if (Math.min(fast.length, slow.length) < LEAST_RUNS) return true;
  return median(slow) >= factor * median(fast) && !isLess(fast, slow, LEAST_PROBABILITY);
}

/** Whether a run is like the fast side or like the slow one; null: it did not do its work. */
export function sideOf({ complete, seconds, verdict }: Outcome, contrast: Contrast): 'fast' | 'slow' | null {
  if (!complete) return null;
  if (contrast.by === 'time') return seconds < contrast.limitSeconds ? 'fast' : 'slow';
  const { fast, slow, limitSeconds } = contrast;
  const isLike = (shape: Shape) =>
    fast.overlap === slow.overlap ? verdict.step === shape.step : verdict.overlap === shape.overlap;
  if (isLike(fast)) return 'fast';
  if (isLike(slow)) return 'slow';
  return verdict.wallMs < limitSeconds * 1000 ? 'fast' : 'slow';
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
