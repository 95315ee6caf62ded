import { type FileHandle, open, realpath, rename, rm, stat, truncate } from 'node:fs/promises';
import { makePrivate } from '../trace/index.ts';
import { Bits } from './bits.ts';
import { refused, StoreError } from './error.ts';
import type { Existing } from './existing.ts';
import type { StoreFormat } from './format.ts';
import { PACKINGS } from './packing.ts';
import { Writer } from './writer.ts';

/** What happens to an output that exists: 'new' refuses it. */
export type StoreMode = 'new' | 'resume' | 'retry-failed' | 'force';

/** An output without rows. */
export const NOTHING: Existing = { done: new Bits(), inputs: new Map(), end: 0 };

/**
 * Makes the output ready to be appended to, and says what it holds.
 * @throws StoreError where it exists and may not be touched, or is none of ours.
 */
export async function prepare(path: string, format: StoreFormat, mode: StoreMode): Promise<Existing> {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size === 0) return NOTHING;
  if (mode === 'new')
    throw new StoreError(
      'exists',
      `${path} exists. --resume continues it, --retry-failed also retries failed URLs, --force overwrites it.`,
    );
  if (mode === 'force') {
    await truncate(path);
    return NOTHING;
  }
  if (mode === 'retry-failed') return rewrite(path, format, true);
  // Loaded for outputs that exist: what reads CSV costs 10 ms at start-up.
  const { readExisting } = await import('./existing.ts');
  const existing = await readExisting(path, format);
  if (existing.end === null) return rewrite(path, format, false);
  if (existing.end < size) await truncate(path, existing.end);
  return existing;
}

/** Copies the whole rows into a new file that takes the place of the old one; rows of failed GETs are dropped on demand. */
async function rewrite(path: string, format: StoreFormat, dropFailed: boolean): Promise<Existing> {
  const target = await realpath(path);
  const copy = `${target}.rewritten`;
  const file = await openFile(copy, 'w');
  try {
    const writer = new Writer(file.fd, copy, PACKINGS[format.packing]);
    const onRow = (row: Buffer) => {
      writer.batch.bytes(row);
      return writer.appended();
    };
    const { readExisting } = await import('./existing.ts');
    const existing = await readExisting(path, format, { dropFailed, onRow });
    await writer.finish();
    await file.sync();
    await rename(copy, target);
    return existing;
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Opens an output for its owner alone, whatever its mode was before. @throws StoreError */
export async function openFile(path: string, flags: string | number): Promise<FileHandle> {
  const file = await open(path, flags, 0o600).catch((error: Error) => {
    throw refused(`${path}: it can't be written`, error);
  });
  try {
    await makePrivate(file);
    return file;
  } catch (error) {
    await file.close();
    throw refused(`${path}: it can't be made readable by its owner alone`, error);
  }
}
