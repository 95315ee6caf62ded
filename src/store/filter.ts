import { type FileHandle, open, rename, rm, truncate } from 'node:fs/promises';
import { StoreError } from './error.ts';
import { PACKINGS } from './packing.ts';
import { openFile } from './prepare.ts';
import { RowCutter } from './rows.ts';
import { Writer } from './writer.ts';

const READ_BYTES = 1024 * 1024;

/**
 * Calls `onRow` with every whole line of a plain JSON Lines file, its line end included. What was cut short behind
 * the last one is cut off. @throws StoreError when it can't be read.
 */
export async function eachRow(path: string, onRow: (row: Buffer) => void): Promise<void> {
  await using file = await openToRead(path);
  let end = 0;
  for await (const rows of batches(file)) {
    for (const row of rows) {
      end += row.length;
      onRow(row);
    }
  }
  const { size } = await file.stat();
  if (end < size) await truncate(path, end);
}

/** Keeps the lines for which `keeps` says so: a copy takes the place of the file. @throws StoreError */
export async function filterRows(path: string, keeps: (row: Buffer) => boolean): Promise<void> {
  const copy = `${path}.kept`;
  try {
    await using from = await openToRead(path);
    await using to = await openFile(copy, 'w');
    const writer = new Writer(to.fd, copy, PACKINGS.plain);
    for await (const rows of batches(from)) {
      for (const row of rows) if (keeps(row)) writer.batch.bytes(row);
      await writer.appended();
    }
    await writer.finish();
    await to.sync();
    await rename(copy, path);
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  }
}

async function openToRead(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: Error) => {
    throw new StoreError('unusable', `${path}: it can't be read: ${error.message}.`, error);
  });
}

/** The lines that end in each megabyte: they hold until the next ones are asked for. */
async function* batches(file: FileHandle): AsyncGenerator<readonly Buffer[]> {
  const cutter = new RowCutter('jsonl');
  const { size } = await file.stat();
  // One buffer: what Node frees late adds up where many files are read.
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, size)));
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    const rows: Buffer[] = [];
    cutter.push(buffer.subarray(0, bytesRead), (row) => rows.push(row));
    yield rows;
  }
}
