import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { temporaryOf } from '../dump-paths.ts';

/**
 * Writes a file completely or not at all: `write` writes a temporary file, which is renamed when it is on the disk.
 * Folders that are missing are made.
 */
export async function writeWhole(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryOf(path);
  await mkdir(dirname(path), { recursive: true });
  try {
    await write(temporary);
    await sync(temporary);
    await rename(temporary, path);
    await sync(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Writes text as it comes. */
export function textWriter(lines: AsyncIterable<string>): (temporary: string) => Promise<void> {
  return (temporary) => pipeline(Readable.from(lines), createWriteStream(temporary));
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
