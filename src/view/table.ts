import stringWidth from 'string-width';
import { count } from './numbers.ts';
import { paint } from './paint.ts';
import { printable } from './printable.ts';
import { WIDTH } from './wrap.ts';

/** A table for people: cells are text, and numbers stand to the right. */
export interface Table {
  readonly columns: readonly { readonly name: string; readonly right: boolean }[];
  readonly rows: readonly (readonly string[])[];
}

const GAP = '  ';
/** A column of text that would have less than this is not shown. */
const LEAST = 16;

/**
 * The lines of a table in at most 80 columns: wide text is cut, and columns that find no room are left out; both are
 * shown to be. `total` is how many rows there are.
 */
export function tableLines({ columns, rows }: Table, total: number, stream?: NodeJS.WriteStream): string[] {
  const cells = rows.map((row) => row.map(printable));
  const names = columns.map(({ name }) => printable(name));
  const natural = names.map((name, at) =>
    Math.max(stringWidth(name), ...cells.map((row) => stringWidth(row[at]!))),
  );
  const widths = fitted(
    natural,
    columns.map(({ right }) => right),
  );
  const line = (row: readonly string[]) =>
    widths
      .map((width, at) => padded(row[at]!, width, columns[at]!.right))
      .join(GAP)
      .trimEnd();
  const hidden = names.slice(widths.length);
  return [
    paint('strong', line(names), stream),
    ...cells.map(line),
    ...(total > rows.length ? [paint('faint', `… and ${count(total - rows.length)} more rows`, stream)] : []),
    ...(hidden.length > 0 ? [paint('faint', cut(`… and columns ${hidden.join(', ')}`, WIDTH), stream)] : []),
  ];
}

/** How wide columns become, from the left, as many as fit: the widest texts give way first, numbers never. */
function fitted(natural: readonly number[], whole: readonly boolean[]): readonly number[] {
  for (let shown = natural.length; shown > 1; shown--) {
    const room = WIDTH - GAP.length * (shown - 1);
    for (let most = WIDTH; most >= LEAST; most--) {
      const widths = natural.slice(0, shown).map((width, at) => (whole[at] ? width : Math.min(width, most)));
      if (widths.reduce((sum, width) => sum + width, 0) <= room) return widths;
    }
  }
  return natural.slice(0, 1).map((width) => Math.min(width, WIDTH));
}

function padded(text: string, width: number, right: boolean): string {
  const fitting = cut(text, width);
  const space = ' '.repeat(width - stringWidth(fitting));
  return right ? space + fitting : fitting + space;
}

/** The text in at most `width` columns. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
