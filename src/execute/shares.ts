import { ratePerS } from '../fetch/index.ts';
import type { Shares } from './messages.ts';
import type { FetchOptions } from './order.ts';

/**
 * Shares of a whole number among those who want some: nobody gets more than it wants, nobody less than another who
 * wants as much, and nothing is left over while somebody wants more. Who wants nothing gets 0.
 */
export function shares(whole: number, wants: readonly number[]): readonly number[] {
  const given = wants.map(() => 0);
  const order = wants.map((_, i) => i).sort((one, other) => wants[one]! - wants[other]!);
  let left = whole;
  order.forEach((i, place) => {
    const even = Math.floor(left / (order.length - place));
    // Of what does not divide, the last ones, who want most, get one more each.
    given[i] = Math.min(wants[i]!, even);
    left -= given[i];
  });
  return given;
}

/** Even shares of a whole number, the first ones one more where it does not divide. */
export function evenShares(whole: number, among: number): readonly number[] {
  return Array.from({ length: among }, (_, i) => Math.floor(whole / among) + (i < whole % among ? 1 : 0));
}

/** The limits of one of `among` processes or threads that share a run evenly; `place`: from 0. */
export function evenShareOf(options: FetchOptions, place: number, among: number): Shares {
  const { concurrency, rate, perOrigin, perOriginRate } = options;
  return {
    concurrency: evenShares(concurrency, among)[place]!,
    perOrigin: perOrigin.map(([pattern, most]) => [pattern, evenShares(most, among)[place]!]),
    ...(rate !== undefined && { ratePerS: ratePerS(rate, 'rate') / among }),
    ...(perOriginRate !== undefined && {
      perOriginRatePerS: ratePerS(perOriginRate, 'perOriginRate') / among,
    }),
  };
}
