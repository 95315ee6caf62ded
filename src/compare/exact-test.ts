/**
 * The probability that values are this much smaller than others by chance: the exact one-sided Mann-Whitney test, by
 * counting the orders of all values that give as small a sum of ranks or a smaller one.
 */
export function probabilityOfLess(values: readonly number[], others: readonly number[]): number {
  const observed = values.reduce(
    (sum, value) =>
      sum + others.reduce((wins, other) => wins + (other < value ? 1 : other === value ? 0.5 : 0), 0),
    0,
  );
  const counts = countsOf(values.length, others.length);
  const total = counts.reduce((sum, each) => sum + each, 0);
  return counts.slice(0, Math.ceil(observed) + 1).reduce((sum, each) => sum + each, 0) / total;
}

/** Whether values are smaller than others, at this level of significance. */
export function isLess(values: readonly number[], others: readonly number[], level: number): boolean {
  return values.length > 0 && others.length > 0 && probabilityOfLess(values, others) < level;
}

/** In how many orders of m values and n others a value is greater than an other in u pairs, for each u. */
function countsOf(m: number, n: number): readonly number[] {
  let rows: number[][] = Array.from({ length: n + 1 }, () => [1]);
  for (let values = 1; values <= m; values++) {
    const next: number[][] = [[1]];
    for (let others = 1; others <= n; others++)
      next.push(sum(next[others - 1]!, shifted(rows[others]!, others)));
    rows = next;
  }
  return rows[n]!;
}

function shifted(counts: readonly number[], by: number): number[] {
  return [...Array<number>(by).fill(0), ...counts];
}

function sum(one: readonly number[], other: readonly number[]): number[] {
  return Array.from(
    { length: Math.max(one.length, other.length) },
    (_, at) => (one[at] ?? 0) + (other[at] ?? 0),
  );
}
