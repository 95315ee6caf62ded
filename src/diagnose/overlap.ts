import type { Cell } from './cell.ts';
import { type Spans, timeAtLevel } from './spans.ts';

/** How far exchanges overlapped. */
export type Overlap = 'concurrent' | 'partly' | 'serial' | 'unknown';

/** Nine of ten must be alone for a run to be called serial ... */
const SERIAL_SHARE = 0.9;
/** ... and an exchange is alone if it shares less than a tenth of its time. */
const ALONE_SHARE = 0.1;
/** The least of what was wanted that must be in flight for a run to be called concurrent ... */
export const CONCURRENT_SHARE = 0.7;
/** ... and the most by which it may be slower than it could be. */
export const CONCURRENT_FACTOR = 1.5;

/** Whether the exchanges ran one by one from sent to read, and whether they were even wanted one by one. */
export function seriality(
  cells: readonly Cell[],
  wanted: Spans,
  sent: Spans,
  endedUs: number,
): { readonly sent: boolean; readonly wanted: boolean } {
  const isSerial = (spans: Spans, startOf: (wanted: number, sent: number) => number) => {
    const count = spans.starts.length;
    return count >= 2 && countAlone(cells, spans, endedUs, startOf) >= SERIAL_SHARE * count;
  };
  if (!isSerial(sent, (_asked, at) => at)) return { sent: false, wanted: false };
  return { sent: true, wanted: isSerial(wanted, (at) => at) };
}

function countAlone(
  cells: readonly Cell[],
  spans: Spans,
  endedUs: number,
  startOf: (wanted: number, sent: number) => number,
): number {
  const sharedBefore = timeAtLevel(spans, 2);
  let alone = 0;
  for (const cell of cells) {
    cell.rows.visit((wanted, sent, _answered, end) => {
      const from = startOf(wanted, sent);
      if (from === Infinity) return;
      const to = end === Infinity ? Math.max(endedUs, from) : end;
      const sharedUs = sharedBefore(to) - sharedBefore(from);
      if (sharedUs === 0 || sharedUs < ALONE_SHARE * (to - from)) alone++;
    });
  }
  return alone;
}
