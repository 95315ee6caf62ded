import { type Cell, emptyCell, putRow } from '../cell.ts';
import { roundAt } from '../rounds/rounds.ts';

/** The cells of each stretch of time, by when exchanges were wanted. `begins`: when each stretch begins, in order. */
export function cutAt(cells: readonly Cell[], begins: readonly number[]): Cell[][] {
  const parts = begins.map((): Cell[] => []);
  for (const cell of cells) {
    const own = begins.map(() => emptyCell(cell.origin, cell.stack));
    const at = (time: number): Cell => own[roundAt(begins, time)]!;
    cell.rows.visit((wanted, ...rest) => putRow(at(wanted), wanted, ...rest));
    for (const failure of cell.failures) at(failure.wantedUs).failures.push(failure);
    share(cell.handovers, 2, (wanted) => at(wanted).handovers);
    share(cell.openings, 3, (dispatched) => at(dispatched).openings);
    for (const [index, part] of own.entries()) if (part.rows.length > 0) parts[index]!.push(part);
  }
  return parts;
}

/** Hands tuples of `width` numbers over to the lists of the part that their first one belongs to. */
function share(
  lists: ReadonlyMap<string, readonly number[]>,
  width: number,
  listsAt: (time: number) => Map<string, number[]>,
): void {
  for (const [key, numbers] of lists) {
    for (let at = 0; at < numbers.length; at += width) {
      const part = listsAt(numbers[at]!);
      const list = part.get(key);
      const tuple = numbers.slice(at, at + width);
      if (list === undefined) part.set(key, tuple);
      else list.push(...tuple);
    }
  }
}
