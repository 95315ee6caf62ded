import type { Bars } from '../canvas/bars.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { hitOf } from '../canvas/hit.ts';
import { RowScale } from '../canvas/row-scale.ts';
import { TimeScale } from '../canvas/time-scale.ts';
import { bars, fold, rowHeight, top } from './laid-out.ts';
import { visible } from './state.ts';

/** Pixels of the time axis. */
export const AXIS = 24;
/** Rows are so high where there is room, ... */
export const ROW_HEIGHT = 22;
/** ... and a little higher where they are few. */
export const rowRoom = (count: number): number => (count <= 16 ? 28 : ROW_HEIGHT);

/** Rows as high as was chosen; if nothing was, as high as lets all be seen. */
export function rowsIn({ rows }: Bars, height: number): RowScale {
  const room = Math.max(1, height - AXIS);
  const all = Math.min(rowRoom(rows.count), room / Math.max(1, rows.count));
  return new RowScale(
    rows.count,
    rowHeight.value === 0 ? all : Math.max(all, rowHeight.value),
    top.value,
    room,
  );
}

/** The scales of the waterfall as it is on the page. */
export function scalesOf(area: HTMLElement) {
  const { clientWidth: width, clientHeight: height } = area;
  const gutter = gutterOf(width);
  return {
    gutter,
    axis: AXIS,
    time: new TimeScale(visible.peek(), width - gutter, fold.peek()),
    rows: rowsIn(bars.peek()!, height),
    hit: (x: number, y: number) => {
      const time = new TimeScale(visible.peek(), width - gutter, fold.peek());
      if (y < AXIS) return null;
      const hit = hitOf(bars.peek()!, time, rowsIn(bars.peek()!, height), Math.max(0, x - gutter), y - AXIS);
      return hit !== null && x < gutter ? { ...hit, kind: null } : hit;
    },
  };
}
export type Scales = ReturnType<typeof scalesOf>;
