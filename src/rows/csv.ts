import { Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { redactText, redactUrl } from '../trace/index.ts';
import { InputError, nothingIn } from './error.ts';
import { refuseBinary } from './lines.ts';
import type { Row } from './row.ts';

/** How many rows are handed on together. */
const BATCH = 256;

/**
 * CSV with a header line: the column named `column` is the URL, the others are the row's data. No row may follow.
 * @throws InputError with `name:line` for what is no CSV, and when there is no header line or no such column.
 */
export async function* readCsv(
  bytes: AsyncIterable<Buffer>,
  name: string,
  column: string,
  delimiter: string,
): AsyncGenerator<readonly Row[]> {
  let hasHeader = false;
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    columns: (header: string[]) => {
      hasHeader = true;
      return checkedHeader(header, name, column);
    },
  });
  const source = Readable.from(text(bytes, name, () => parser.info.lines));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let rows: Row[] = [];
  try {
    for await (const record of parser as AsyncIterable<Record<string, string>>) {
      const { [column]: url = '', ...data } = record;
      rows.push({ url, data });
      if (rows.length < BATCH) continue;
      yield rows;
      rows = [];
    }
  } catch (error) {
    if (rows.length > 0) yield rows;
    throw inputError(error, name);
  } finally {
    source.destroy();
  }
  if (!hasHeader) throw nothingIn(name);
  if (rows.length > 0) yield rows;
}

async function* text(bytes: AsyncIterable<Buffer>, name: string, line: () => number): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    refuseBinary(chunk, name, line());
    yield chunk;
  }
}

function checkedHeader(header: string[], name: string, column: string): string[] {
  const twice = header.find((title, place) => header.indexOf(title) !== place);
  if (twice !== undefined)
    throw new InputError(`${name}:1: two columns are named "${redactUrl(twice)}". Rename one of them.`);
  // csv-parse makes plain objects of rows, in which this is no key.
  if (header.includes('__proto__'))
    throw new InputError(`${name}:1: a column can't be named "__proto__". Give it another name.`);
  if (!header.includes(column))
    throw new InputError(
      // A file without a header begins with a URL.
      `${name}:1: there is no column "${column}". It has: ${header.map(redactUrl).join(', ')}. Name one with --column.`,
    );
  return header;
}

function inputError(error: unknown, name: string): unknown {
  if (error instanceof InputError || !(error as CsvError).code?.startsWith('CSV_')) return error;
  const { lines, message } = error as CsvError & { lines?: number };
  return new InputError(`${name}:${lines ?? 1}: this is not CSV: ${redactText(message)}`);
}
