import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { Bits } from './bits.ts';
import { StoreError } from './error.ts';
import type { StoreFormat } from './format.ts';
import { pieces, unpacked } from './pieces.ts';
import { RowCutter } from './rows.ts';

/** What an output holds already. */
export interface Existing {
  /** The indexes that have a whole row. */
  readonly done: Bits;
  /** The inputs of the first rows, by index: enough to see that they are the same as before. */
  readonly inputs: ReadonlyMap<number, string>;
  /** Where whole rows end: what is behind was cut short. null when it can't be cut off there. */
  readonly end: number | null;
}

/** Inputs with a lower index are compared when an output is resumed. */
const COMPARED = 1000;

/** How an output is gone through. */
export interface ReadHow {
  /** Rows of failed GETs count as not there. */
  readonly dropFailed?: boolean;
  /** Takes every row that counts, a CSV header too. */
  readonly onRow?: (row: Buffer) => void | Promise<void>;
}

/** Reads an output to its end, in flat memory. @throws StoreError for what is no output of ours. */
export async function readExisting(path: string, format: StoreFormat, how: ReadHow = {}): Promise<Existing> {
  const reader = READERS[format.rows];
  const done = new Bits();
  const inputs = new Map<number, string>();
  const cutter = new RowCutter(format.rows);
  const file = await open(path, 'r').catch((error: Error) => {
    throw new StoreError('unusable', `${path}: it can't be read: ${error.message}.`, error);
  });
  let line = 0;
  let unpackedTo = 0;
  try {
    for await (const piece of pieces(file, path, format.packing)) {
      const counted: Buffer[] = [];
      cutter.push(await unpacked(file, path, format.packing, piece), (row) => {
        line++;
        if (line === 1 && reader.isHeader(row)) {
          counted.push(row);
          return;
        }
        const index = reader.index(row);
        if (index === null) throw notOurs(path, line, format);
        if (how.dropFailed && reader.failed(row)) return;
        done.add(index);
        if (index < COMPARED) inputs.set(index, reader.input(row));
        if (how.onRow) counted.push(row);
      });
      unpackedTo = piece.to;
      for (const row of counted) await how.onRow?.(row);
    }
  } finally {
    await file.close();
  }
  const end = format.packing === 'plain' ? unpackedTo - cutter.pendingBytes : unpackedTo;
  return { done, inputs, end: format.packing === 'plain' || cutter.pendingBytes === 0 ? end : null };
}

function notOurs(path: string, line: number, format: StoreFormat): StoreError {
  return new StoreError(
    'unusable',
    `${path}: row ${line} is no result of abreast (${format.rows === 'csv' ? 'CSV' : 'JSON Lines'} with "index" first). ` +
      'Give another -o, or write over it with --force.',
  );
}

interface RowReader {
  isHeader(row: Buffer): boolean;
  /** The row's index; null when it is no row of ours. */
  index(row: Buffer): number | null;
  input(row: Buffer): string;
  failed(row: Buffer): boolean;
}

const READERS: Readonly<Record<StoreFormat['rows'], RowReader>> = {
  jsonl: {
    isHeader: () => false,
    index: (row) => (row.indexOf('{"index":') === 0 ? digits(row, 9) : null),
    input: (row) => parseJson(row).input,
    failed: (row) => parseJson(row).error !== null,
  },
  csv: {
    isHeader: (row) => row.indexOf('index,') === 0,
    index: (row) => digits(row, 0),
    input: (row) => cells(row)[1] ?? '',
    failed: (row) => cells(row)[6] !== '',
  },
};

/** The number at `from` that ends with a comma. */
function digits(row: Buffer, from: number): number | null {
  let number = 0;
  for (let at = from; at < row.length; at++) {
    const digit = row[at]! - 48;
    if (digit === 44 - 48 && at > from) return number;
    if (digit < 0 || digit > 9) return null;
    number = number * 10 + digit;
  }
  return null;
}

function parseJson(row: Buffer): { input: string; error: unknown } {
  return JSON.parse(row.toString('utf8')) as { input: string; error: unknown };
}

function cells(row: Buffer): readonly string[] {
  return (parse(row) as string[][])[0] ?? [];
}
