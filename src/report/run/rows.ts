import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, Row } from '../report.ts';
import { withoutSecrets } from '../template/index.ts';
import { freeingBuffers } from './memory.ts';

/** Rows that are written together. */
const BATCH = 1000;

/** Rows that a run goes over: those of its file, whatever becomes of their source. */
export interface PlannedRows {
  /** A file may hold more: what was added behind them when the run was killed. */
  readonly count: number;
  /** Of their lines in the file. */
  readonly hash: string;
  /** Secret columns are not in the file: the source is read again for them. */
  readonly lacksSecrets: boolean;
}

/** A row as the file has it, and with its secret columns; null where the source has no such row any more. */
export interface PlannedRow {
  readonly data: Row;
  readonly whole: Row | null;
}

/** The file of planned rows: JSON Lines, without secret columns. */
export function rowsFile(folder: string, name: string): string {
  return join(folder, `${name}.rows.jsonl`);
}

/** Writes rows to a file, without their secret columns. */
export async function writeRows(
  path: string,
  rows: AsyncIterable<Row>,
  report: Report,
): Promise<PlannedRows> {
  let lacksSecrets = false;
  async function* lines() {
    for await (const row of rows) {
      const kept = withoutSecrets(row, report);
      lacksSecrets ||= kept !== row;
      yield JSON.stringify(kept);
    }
  }
  const written = await writeLines(path, lines());
  return { ...written, lacksSecrets };
}

/**
 * Adds those rows that are not planned yet behind those that are, which keep their places. Returns null, and adds none,
 * where none of those that were planned is there any more: SQL that gives other rows each time would double all of them.
 */
export async function growRows(
  path: string,
  planned: PlannedRows,
  rows: AsyncIterable<Row>,
  report: Report,
): Promise<PlannedRows | null> {
  let found = 0;
  let lacksSecrets = planned.lacksSecrets;
  const further: string[] = [];
  for await (const { line, whole } of matched(readLines(path, planned.count), rows, report)) {
    if (whole === null) continue;
    if (line !== null) found++;
    else {
      const kept = withoutSecrets(whole, report);
      lacksSecrets ||= kept !== whole;
      further.push(JSON.stringify(kept));
    }
  }
  if (found === 0 && planned.count > 0 && further.length > 0) return null;
  async function* lines() {
    yield* readLines(path, planned.count);
    yield* further;
  }
  return { ...(await writeLines(path, lines())), lacksSecrets };
}

/** The planned rows of a file that lacks none of their columns. */
export async function* readRows(path: string, { count }: PlannedRows): AsyncGenerator<PlannedRow> {
  for await (const line of readLines(path, count)) {
    const row = JSON.parse(line) as Row;
    yield { data: row, whole: row };
  }
}

/** The planned rows of a file, with the secret columns that their source has. */
export async function* rejoinRows(
  path: string,
  { count }: PlannedRows,
  rows: AsyncIterable<Row>,
  report: Report,
): AsyncGenerator<PlannedRow> {
  for await (const { line, whole } of matched(readLines(path, count), rows, report))
    if (line !== null) yield { data: JSON.parse(line) as Row, whole };
}

/** How many rows there are, and the hash of their lines in a file. */
export type Counted = Pick<PlannedRows, 'count' | 'hash'>;

/** Counts rows as they would be planned. */
export async function countRows(rows: AsyncIterable<Row>, report: Report): Promise<Counted> {
  const counter = new Counter();
  for await (const row of rows) counter.add(JSON.stringify(withoutSecrets(row, report)));
  return counter.counted();
}

/** Counts the planned rows that are in a file. */
export async function countPlanned(path: string, { count }: PlannedRows): Promise<Counted> {
  const counter = new Counter();
  for await (const line of readLines(path, count)) counter.add(line);
  return counter.counted();
}

class Counter {
  #count = 0;
  readonly #hash = createHash('sha256');

  add(line: string): void {
    this.#count++;
    this.#hash.update(`${line}\n`);
  }

  counted(): Counted {
    return { count: this.#count, hash: this.#hash.digest('hex') };
  }
}

/**
 * Finds each planned line among the rows; rows that no line is left for come at the end, without one. Rows mostly come
 * in the order of the lines: only those that come before their line, or have none, are kept meanwhile.
 */
async function* matched(
  lines: AsyncIterable<string>,
  rows: AsyncIterable<Row>,
  report: Report,
): AsyncGenerator<{ readonly line: string | null; readonly whole: Row | null }> {
  const early = new Map<string, Row[]>();
  const source = rows[Symbol.asyncIterator]();
  const find = async (line: string): Promise<Row | null> => {
    const waiting = early.get(line);
    if (waiting !== undefined) {
      if (waiting.length === 1) early.delete(line);
      return waiting.shift()!;
    }
    for (let next = await source.next(); !next.done; next = await source.next()) {
      const itsLine = JSON.stringify(withoutSecrets(next.value, report));
      if (itsLine === line) return next.value;
      const alike = early.get(itsLine);
      if (alike === undefined) early.set(itsLine, [next.value]);
      else alike.push(next.value);
    }
    return null;
  };
  try {
    for await (const line of lines) yield { line, whole: await find(line) };
    for (const whole of [...early.values()].flat()) yield { line: null, whole };
    for (let next = await source.next(); !next.done; next = await source.next())
      yield { line: null, whole: next.value };
  } finally {
    await source.return?.();
  }
}

/** Writes a file of lines, which takes its name when it is on the disk. */
async function writeLines(path: string, lines: AsyncIterable<string>): Promise<Counted> {
  const copy = `${path}.new`;
  const counter = new Counter();
  {
    await using file = await open(copy, 'w', 0o600);
    const free = freeingBuffers();
    let batch: string[] = [];
    for await (const line of lines) {
      counter.add(line);
      if (batch.push(`${line}\n`) < BATCH) continue;
      // Unlike write(), it writes all of it.
      await file.writeFile(batch.join(''));
      batch = [];
      free(BATCH);
    }
    await file.writeFile(batch.join(''));
    await file.sync();
  }
  await rename(copy, path);
  return counter.counted();
}

/** The first lines of a file. */
async function* readLines(path: string, most: number): AsyncGenerator<string> {
  let rest = '';
  let left = most;
  if (left === 0) return;
  for await (const piece of createReadStream(path, 'utf8')) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      yield line;
      if (--left === 0) return;
    }
  }
}
