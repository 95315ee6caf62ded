import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Bits, eachRow, filterRows, type PartRow, partRowOf } from '../store/index.ts';

/** The parts of one request: what is in them, and where the next ones go. */
export interface Parts {
  readonly folder: string;
  /** Of the invocation about to begin, from 1. */
  readonly attempt: number;
  /** Indexes of rows that have all their results. */
  readonly done: Bits;
  /** How many of those rows failed. */
  readonly failed: number;
}

export interface PartsOptions {
  /** Rows that failed count as not done, and these too. */
  readonly dropFailed: boolean;
  readonly dropped?: ReadonlySet<number>;
}

/** A part of an invocation's worker, or of a chunk that another process fetched. */
const PART = /^(?:(\d+)|c\d+)-\d+\.jsonl$/;

/**
 * Prepares a folder of parts for resuming: partial lines are removed, and rows that lack a page are taken
 * out, so that all parts together hold every result of every row that is done exactly once. @throws StoreError
 */
export async function openParts(folder: string, options: PartsOptions): Promise<Parts> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const done = new Bits();
  let failed = 0;
  const names = await partsIn(folder);
  for (const name of names) failed += await readPart(join(folder, name), done, options);
  const attempt = Math.max(0, ...names.map((name) => Number(PART.exec(name)![1] ?? 0))) + 1;
  return { folder, attempt, done, failed };
}

/** The paths of the parts in a folder, in order. */
export async function partPaths(folder: string): Promise<readonly string[]> {
  return (await partsIn(folder)).map((name) => join(folder, name));
}

/** The path of the part that a worker writes. */
export function partPath({ folder, attempt }: Pick<Parts, 'folder' | 'attempt'>, worker: number): string {
  return join(folder, `${String(attempt).padStart(4, '0')}-${worker}.jsonl`);
}

/** The path of the part with the results of a chunk: round 1, 2 after its failed rows were fetched again. */
export function chunkPartPath(folder: string, chunk: number, round: number): string {
  return join(folder, `c${String(chunk).padStart(6, '0')}-${round}.jsonl`);
}

async function partsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => PART.test(name)).sort();
}

/** Adds the rows that are done; returns how many of them failed. */
async function readPart(path: string, done: Bits, options: PartsOptions): Promise<number> {
  const whole = new Bits();
  let rows = 0;
  let pages = 0;
  let failed = 0;
  const counts = ({ index, more, failed }: PartRow) =>
    !more && !(options.dropFailed && failed) && !options.dropped?.has(index) && !done.has(index);
  await eachRow(path, (line) => {
    const row = partRowOf(line);
    rows++;
    if (row === null || !counts(row)) return;
    whole.add(row.index);
    done.add(row.index);
    pages += row.page;
    if (row.failed) failed++;
  });
  if (pages < rows)
    await filterRows(path, (line) => {
      const row = partRowOf(line);
      return row !== null && whole.has(row.index);
    });
  return failed;
}
