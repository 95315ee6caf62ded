/** The word of `words` that was probably meant by `word`, or null where none is near. */
export function nearest(word: string, words: Iterable<string>): string | null {
  const plain = plainly(word);
  let best: string | null = null;
  let least = Math.max(1, Math.floor(plain.length * 0.4)) + 1;
  for (const candidate of words) {
    const distance = editDistance(plain, plainly(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** '; did you mean 'x'?', or nothing where no word is near. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const meant = nearest(word, words);
  return meant === null ? '' : `; did you mean '${meant}'?`;
}

/** per_origin, per-origin and perOrigin are one word to a person. */
function plainly(word: string): string {
  return word.toLowerCase().replace(/[\s_-]/g, '');
}

/** How many letters must be put in, left out, changed, or swapped with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = last[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      row[j] = Math.min(changed, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[to.length]!;
}
