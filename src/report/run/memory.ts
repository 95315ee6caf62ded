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
  if (rows > MANY_ROWS) collectGarbage('last-resort');
}

/** So many rows leave about 100 MB of buffers behind, when they are read or written. */
const ROWS_BETWEEN = 20_000;

/**
 * Frees the buffers of rows that pass through a process: V8 waits with it, since its own heap stays small. The result is
 * called with the number of rows that have passed.
 */
export function freeingBuffers(): (rows: number) => void {
  let passed = 0;
  let freedAt = 0;
  return (rows) => {
    passed += rows;
    if (passed < freedAt + ROWS_BETWEEN) return;
    collectGarbage(freedAt === 0 ? 'last-resort' : 'regular');
    freedAt = passed;
    keepMemorySmall(passed);
  };
}

type Collect = (options: { type: 'major'; flavor: 'regular' | 'last-resort' }) => void;

let gc: Collect | null = null;

/** As a last resort V8 also makes its young generation small again, which has grown to 60 MB while modules were loaded. */
function collectGarbage(flavor: 'regular' | 'last-resort'): void {
  if (gc === null) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as Collect;
  }
  gc({ type: 'major', flavor });
}
