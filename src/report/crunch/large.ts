import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, Request } from '../report.ts';
import { type Database, name, PIECE } from './database.ts';
import { inOrder, type Measured } from './lines.ts';
import { insertJudged, partLines, withBodyAndRow, withNames } from './results.ts';
import { type Columns, columnsOf } from './structure.ts';

/** Rows that DuckDB reads from a table at once, as far as there are so many, whatever they hold. */
const VECTOR_ROWS = 2048;
/** SQL over bodies makes several copies of what is read at once, in each thread. */
const PIECES_IN_MEMORY = 32;
const [LEAST_PIECE, MOST_PIECE] = [1024 * 1024, 64 * 1024 * 1024];

/** Bytes of results that may be read at once. */
function pieceBytes({ memory }: Database): number {
  return Math.min(MOST_PIECE, Math.max(LEAST_PIECE, memory / PIECES_IN_MEMORY));
}

/** Whether as many results as DuckDB reads at once are too much to be read at once. */
export function isLarge({ lines, bytes }: Measured, database: Database): boolean {
  return lines > 0 && (bytes / lines) * Math.min(lines, VECTOR_ROWS) > pieceBytes(database);
}

/**
 * Makes the table of a request whose answers are large: a view of tables that hold a piece of it each, so that little
 * is read at once. @throws ReportError when DuckDB refuses `good.sql`.
 */
export async function createLargeResults(
  database: Database,
  report: Report,
  request: Request,
  parts: readonly string[],
  { longest }: Measured,
  columns: Columns | null,
): Promise<void> {
  await database.takeAllMemory();
  const found = columns ?? (await columnsOf(database, `select data from ${partLines(parts, longest)}`));
  const file = join(database.folder, PIECE);
  const results = withBodyAndRow(`(${withNames(partLines([file], longest))})`, found);
  await database.run('create schema if not exists tables.pieces');
  const pieces: string[] = [];
  try {
    for await (const _ of inOrder(parts, file, pieceBytes(database))) {
      const piece = `tables.pieces.${name(`${request.name} ${pieces.length + 1}`)}`;
      pieces.push(piece);
      // To read no line takes as long as to read all of them.
      const like = pieces.length === 1 ? results : `from ${pieces[0]}`;
      await database.run(`create or replace table ${piece} as ${like} limit 0`);
      await insertJudged(database, report, request.good, piece, `(${results})`);
    }
  } finally {
    await rm(file, { force: true });
  }
  const all = pieces.map((piece) => `from ${piece}`).join(' union all ');
  await database.run(`create view tables.main.${name(request.name)} as ${all}`);
}
