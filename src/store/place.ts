/** Where a line of a part belongs: the fields before the result itself. */
export interface PartPlace {
  /** Of the row's answers, from 1. */
  readonly page: number;
  /** Another page of the row follows in the same part. */
  readonly more: boolean;
  /** The piece of work that the row was handed out with. */
  readonly chunk: number;
}

/** The beginning of a part's line, read back. */
export interface PartRow extends PartPlace {
  readonly index: number;
  readonly failed: boolean;
}

/** What follows `{"index":N` in a line of a part. */
export function placeText({ page, more, chunk }: PartPlace, failed: boolean): string {
  return `,"page":${page},"more":${more},"failed":${failed},"chunk":${chunk}`;
}

const BEGINNING =
  /^\{"index":(\d+),"page":(\d+),"more":(true|false),"failed":(true|false),"chunk":(\d+),"input":/;
/** Longer than any beginning. */
const BEGINNING_BYTES = 128;

/** Reads the beginning of a line; null when it is no line of a part. */
export function partRowOf(row: Buffer): PartRow | null {
  const found = BEGINNING.exec(row.toString('latin1', 0, BEGINNING_BYTES));
  if (found === null) return null;
  return {
    index: Number(found[1]),
    page: Number(found[2]),
    more: found[3] === 'true',
    failed: found[4] === 'true',
    chunk: Number(found[5]),
  };
}
