import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { InputError, nothingIn } from './error.ts';
import { Flattened, type Reading, type Rows } from './flattened.ts';
import { readJsonl } from './jsonl.ts';
import type { Row } from './row.ts';
import { readText } from './text.ts';

/** Where rows are: a list, a file, or a stream such as standard input. */
export type RowPlace =
  | { readonly list: readonly string[] }
  | { readonly file: string; readonly column?: string | undefined }
  | { readonly stream: AsyncIterable<Buffer>; readonly name: string; readonly column?: string | undefined };

/**
 * Opens `places`, to be read one after the other, `count` rows in all, beginning again where there are fewer.
 * The first rows are read at once, so that what is wrong with the beginning is found before anything else happens.
 * A CSV file may end after its header line, and a file of JSON Lines may be empty: these are no rows, unless a `count`
 * of them is wanted.
 * @throws InputError for a place that can't be read, is empty, no text, or lacks its column.
 */
export async function openRows(places: readonly RowPlace[], count?: number): Promise<Rows> {
  const listed = places.every((place) => 'list' in place) ? places.flatMap((place) => place.list) : null;
  const reading: Reading = { share: () => null };
  const batches =
    count === undefined
      ? readAll(places, reading)
      : listed
        ? repeatList(listed, count)
        : readCount(places, count);
  const first = await batches.next();
  return new Flattened(first.done ? [] : first.value, batches, count ?? listed?.length ?? null, reading);
}

/** How many rows of a list are handed on together. */
const LIST_BATCH = 1024;

async function* repeatList(list: readonly string[], count: number): AsyncGenerator<readonly Row[]> {
  for (let from = 0; from < count; from += LIST_BATCH)
    yield Array.from(
      { length: Math.min(LIST_BATCH, count - from) },
      (_, i) => list[(from + i) % list.length]!,
    );
}

async function* readAll(places: readonly RowPlace[], reading?: Reading): AsyncGenerator<readonly Row[]> {
  for (const place of places)
    for await (const rows of read(place, places.length === 1 ? reading : undefined))
      if (rows.length > 0) yield rows;
}

/** Files are read again for every round; what a stream gives is kept, since it comes but once. */
async function* readCount(places: readonly RowPlace[], count: number): AsyncGenerator<readonly Row[]> {
  const repeatable: RowPlace[] = [...places];
  const kept = new Map<RowPlace, Row[]>();
  for (let left = count, round = 0; left > 0; round++) {
    const before = left;
    for (const place of repeatable) {
      const keeping = round === 0 && 'stream' in place;
      if (keeping) kept.set(place, []);
      const again = kept.get(place);
      const batches = round > 0 && again !== undefined ? [again] : readAll([place]);
      for await (const rows of batches) {
        const taken = rows.slice(0, left);
        left -= taken.length;
        if (keeping) again?.push(...taken);
        yield taken;
        if (left === 0) return;
      }
    }
    if (left === before) throw nothingIn(places.map(nameOf).join(', '));
  }
}

async function* read(place: RowPlace, reading?: Reading): AsyncGenerator<readonly Row[]> {
  if ('list' in place) {
    yield place.list;
    return;
  }
  const name = nameOf(place);
  const bytes = 'file' in place ? await openFile(place.file, reading) : place.stream;
  const { format, whole } = await formatOf(name, bytes, place.column);
  const column = place.column ?? 'url';
  if (format === 'text') yield* readText(whole, name);
  else if (format === 'jsonl') yield* readJsonl(whole, name, column);
  else {
    // Loaded only here: csv-parse costs 14 ms at start-up.
    const { readCsv } = await import('./csv.ts');
    yield* readCsv(whole, name, column, format === 'tsv' ? '\t' : ',');
  }
}

async function openFile(path: string, reading?: Reading): Promise<AsyncIterable<Buffer>> {
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: ${reasonOf(error)}.`);
  });
  const found = await handle.stat();
  if (found.isDirectory()) {
    await handle.close();
    throw new InputError(`${path}: this is a folder. Name a file of URLs in it.`);
  }
  const stream = createReadStream(path, { fd: handle, highWaterMark: 2 ** 18 });
  if (reading !== undefined && found.isFile()) reading.share = () => stream.bytesRead / found.size;
  return stream;
}

interface Formatted {
  readonly format: 'text' | 'jsonl' | 'csv' | 'tsv';
  readonly whole: AsyncIterable<Buffer>;
}

/** By the name's ending. Without one a column means JSON Lines where the bytes begin with {, else CSV. */
async function formatOf(name: string, bytes: AsyncIterable<Buffer>, column?: string): Promise<Formatted> {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  if (ending === 'csv' || ending === 'tsv') return { format: ending, whole: bytes };
  if (['jsonl', 'ndjson', 'json'].includes(ending)) return { format: 'jsonl', whole: bytes };
  if (column === undefined) return { format: 'text', whole: bytes };
  const chunks = bytes[Symbol.asyncIterator]();
  const first = await chunks.next();
  const begin = first.done ? '' : first.value.toString('latin1', 0, 64).trimStart();
  return { format: begin.startsWith('{') ? 'jsonl' : 'csv', whole: resumed(first, chunks) };
}

async function* resumed(first: IteratorResult<Buffer>, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function nameOf(place: RowPlace): string {
  if ('list' in place) return 'arguments';
  return 'file' in place ? place.file : place.name;
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EACCES') return 'it may not be read by this user';
  return `it can't be read (${error.code ?? error.message})`;
}
