import type { Cell } from './cell.ts';

/** When the exchanges begin in a replay. */
export type Release =
  | { readonly how: 'as wanted' }
  | { readonly how: 'all at once' }
  /** All wanted from the beginning, by so many at once. */
  | { readonly how: 'slots'; readonly slots: number };

/**
 * The counterfactual: how long the run would have lasted if each exchange had taken the time it took from sent to read,
 * and neither it nor the earlier ones of its unit of work had waited before. With `shortestWait` each waits for its
 * answer as long as the quickest of its origin. An exchange that was never sent takes no time. In microseconds.
 */
export function possibleWallUs(
  cells: readonly Cell[],
  endedUs: number,
  release: Release,
  shortestWait: boolean,
): number {
  if (release.how === 'slots') return inSlots(cells, endedUs, release.slots, shortestWait);
  let firstWanted = Infinity;
  let last = -Infinity;
  for (const cell of cells) {
    const wait = shortestWait ? shortestWaitOf(cell) : Infinity;
    cell.rows.visit((wanted, sent, answered, end, _dispatched, _connected, _flags, earlierUs) => {
      const from = release.how === 'as wanted' ? wanted - earlierUs : 0;
      firstWanted = Math.min(firstWanted, from);
      last = Math.max(last, from + ownTime(sent, answered, Math.min(end, endedUs), wait));
    });
  }
  return last === -Infinity ? 0 : last - firstWanted;
}

// What was asked never exceeds its own peak in the replay 'as wanted': each exchange there lies within the time
// from its wanted to its read. So only declared numbers need slots.
function inSlots(cells: readonly Cell[], endedUs: number, slots: number, shortestWait: boolean): number {
  const owns = ownTimesInOrder(cells, endedUs, shortestWait);
  const freeAt = new Float64Array(Math.max(1, Math.min(slots, owns.length))); // a heap, the earliest first
  let last = 0;
  for (const own of owns) {
    const done = freeAt[0]! + own;
    last = Math.max(last, done);
    replaceFirst(freeAt, done);
  }
  return last;
}

function replaceFirst(heap: Float64Array, value: number): void {
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = value;
}

function ownTimesInOrder(cells: readonly Cell[], endedUs: number, shortestWait: boolean): number[] {
  const all: { readonly wanted: number; readonly own: number }[] = [];
  for (const cell of cells) {
    const wait = shortestWait ? shortestWaitOf(cell) : Infinity;
    cell.rows.visit((wanted, sent, answered, end) => {
      all.push({ wanted, own: ownTime(sent, answered, Math.min(end, endedUs), wait) });
    });
  }
  return all.sort((a, b) => a.wanted - b.wanted || a.own - b.own).map(({ own }) => own);
}

function ownTime(sent: number, answered: number, end: number, shortestWaitUs: number): number {
  if (sent === Infinity) return 0;
  if (answered === Infinity) return Math.max(0, end - sent);
  return Math.min(answered - sent, shortestWaitUs) + Math.max(0, end - answered);
}

function shortestWaitOf(cell: Cell): number {
  let shortest = Infinity;
  cell.rows.visit((_asked, sent, answered) => {
    if (answered !== Infinity) shortest = Math.min(shortest, answered - sent);
  });
  return shortest;
}
