/** How many items at the beginning of a list satisfy a condition, where all that satisfy it stand before all that don't. */
export function countWhile<Item>(sorted: ArrayLike<Item>, satisfies: (item: Item) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (satisfies(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
