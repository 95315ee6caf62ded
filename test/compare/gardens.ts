import type { Garden, Plant, Way } from './planted.ts';

/** Distributions of a generated garden. */
export const PLANTS = 30;

const CULPRIT_WAYS: readonly Way[] = ['optional', 'plugin', 'pth', 'version'];
const DECOY_WAYS: readonly Way[] = ['optional', 'optional', 'idle', 'version', 'plugin', 'pth'];

/**
 * Thirty distributions, of which one, two or three make the program slow: each alone, or only together. The others are
 * decoys: some break the program where they are hidden, some the import of a culprit, and some require a culprit.
 */
export function gardenOf(seed: number): Garden {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const culprits = 1 + (seed % 3);
  const plants: Plant[] = Array.from({ length: culprits }, (_, at) => ({
    name: nameOf(at, pick(SEPARATORS)),
    way: pick(CULPRIT_WAYS),
    culprit: true,
  }));
  for (const at of Array.from({ length: culprits }, (_, number) => number)) {
    if (plants[at]!.way === 'version' || random() < 0.5) continue;
    const part = nameOf(plants.length, pick(SEPARATORS));
    plants.push({ name: part, way: 'part', culprit: false });
    plants[at] = { ...plants[at]!, requires: [part], imports: part };
  }
  for (const at of [0, 1]) {
    const silent = nameOf(plants.length, pick(SEPARATORS));
    plants.push({ name: silent, way: 'needed', culprit: false });
    plants.push({ name: `leans${pick(SEPARATORS)}${at}`, way: 'optional', culprit: false, imports: silent });
  }
  while (plants.length < PLANTS) {
    const requires = random() < 0.2 ? [pick(plants.filter(({ way }) => way !== 'version')).name] : [];
    plants.push({
      name: nameOf(plants.length, pick(SEPARATORS)),
      way: pick(DECOY_WAYS),
      culprit: false,
      requires,
    });
  }
  return {
    plants: plants.toSorted(() => random() - 0.5),
    threshold: culprits > 1 && random() < 0.5 ? culprits : 1,
    customized: random() < 0.3,
  };
}

const SEPARATORS = ['-', '.', '_'];

function nameOf(number: number, separator: string): string {
  return `Plant${separator}${number}`;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed * 0x9e3779b1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
