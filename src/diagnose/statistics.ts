/** The mean; 0 of no numbers. */
export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}

/** The coefficient of variation: standard deviation over mean. Infinity where the mean is 0. */
export function variation(numbers: readonly number[]): number {
  const middle = mean(numbers);
  if (middle === 0) return Infinity;
  return Math.sqrt(mean(numbers.map((number) => (number - middle) ** 2))) / middle;
}

/** The upper median of some numbers, at least one. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

/** The distances between moments, from the first to the last. */
export function gapsBetween(times: readonly number[]): readonly number[] {
  const inOrder = times.toSorted((a, b) => a - b);
  return inOrder.slice(1).map((time, at) => time - inOrder[at]!);
}
