import { count } from '../../diagnose/browser.ts';
import type { RowLabel } from '../model/labels.ts';
import type { Look, Pen } from './pen.ts';
import type { RowScale } from './row-scale.ts';

/** Paints the labels of the visible rows, `width` pixels wide. */
export function paintLabels(
  pen: Pen,
  rows: RowScale,
  width: number,
  look: Look,
  labelOf: (row: number) => RowLabel | null,
): void {
  pen.textBaseline = 'middle';
  if (rows.rowHeight < 11) {
    paintNumbers(pen, rows, width, look);
    return;
  }
  for (let row = rows.first; row < rows.after; row++) {
    const label = labelOf(row);
    if (label === null) continue;
    const y = rows.y(row) + rows.rowHeight / 2 + 0.5;
    const room = width - 10 - (label.result === '' ? 0 : pen.measureText(label.result).width + 8);
    pen.textAlign = 'right';
    pen.fillStyle = label.isBad ? look.failed : look.quiet;
    pen.fillText(label.result, width - 8, y);
    pen.textAlign = 'left';
    pen.fillStyle = look.ink;
    pen.fillText(shortened(pen, label.text, room), 2, y);
  }
}

/** Where rows are too narrow for labels: which rows these are. */
function paintNumbers(pen: Pen, rows: RowScale, width: number, look: Look): void {
  pen.textAlign = 'right';
  pen.fillStyle = look.quiet;
  const step = [1, 2, 5, 10, 20, 50]
    .flatMap((digit) => Array.from({ length: 6 }, (_, power) => digit * 10 ** power))
    .sort((a, b) => a - b)
    .find((rowsApart) => rowsApart * rows.rowHeight >= 40)!;
  for (let row = Math.ceil(rows.first / step) * step; row < rows.after; row += step)
    pen.fillText(`row ${count(row + 1)}`, width - 8, Math.max(8, rows.y(row) + rows.rowHeight / 2));
}

const known = new Map<string, string>();
const MOST_KNOWN = 5_000;

/** A text with its middle left out, so that it fits: how a URL begins and how it ends tell most. */
export function shortened(pen: Pick<Pen, 'measureText' | 'font'>, text: string, width: number): string {
  const key = `${pen.font} ${Math.floor(width)} ${text}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size > MOST_KNOWN) known.clear();
  const short = shorten(pen, text, width);
  known.set(key, short);
  return short;
}

function shorten(pen: Pick<Pen, 'measureText'>, text: string, width: number): string {
  if (text.length < 500 && pen.measureText(text).width <= width) return text;
  let low = 0;
  let high = Math.min(text.length, 500);
  while (low < high) {
    const kept = (low + high + 1) >> 1;
    if (pen.measureText(withKept(text, kept)).width <= width) low = kept;
    else high = kept - 1;
  }
  return low < 2 ? '' : withKept(text, low);
}

function withKept(text: string, kept: number): string {
  if (kept >= text.length) return text;
  const start = Math.ceil(kept * 0.4);
  return `${text.slice(0, start)}…${text.slice(text.length - (kept - start))}`;
}
