import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** From so many rows on memory counts more than the last twentieth of speed. */
const MANY_ROWS = 100_000;

/**
 * V8 lets its young generation grow to 96 MB, and its old one to twice of what lives there: together most of what
 * fetching needs. Unknown flags are passed over by V8.
 */
export function keepMemorySmall(rows: number): void {
  if (rows <= MANY_ROWS) return;
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
}

/** Gives back what fetching has left behind, before SQL needs as much. A tenth of a second. */
export function giveMemoryBack(rows: number): void {
  if (rows <= MANY_ROWS) return;
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
