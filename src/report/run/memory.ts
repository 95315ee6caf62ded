import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepHeapSmall } from '../../fetch/index.ts';

/** From so many rows on memory counts more than the last twentieth of speed. */
const MANY_ROWS = 100_000;

export function keepMemorySmall(rows: number): void {
  if (rows > MANY_ROWS) keepHeapSmall();
}

/** Gives back what fetching has left behind, before SQL needs as much. A tenth of a second. */
export function giveMemoryBack(rows: number): void {
  if (rows <= MANY_ROWS) return;
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
