import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Result } from '../fetch/index.ts';
import { Bits } from './bits.ts';
import { type BodyFolder, openBodyFolder } from './bodies.ts';
import { StoreError } from './error.ts';
import type { Existing } from './existing.ts';
import { formatOf, type StoreFormat } from './format.ts';
import { jsonlWriter, type RowWriter } from './jsonl.ts';
import { lock } from './lock.ts';
import { PACKINGS } from './packing.ts';
import { Writer } from './writer.ts';

/** What happens to an output that exists: 'new' refuses it. */
export type StoreMode = 'new' | 'resume' | 'retry-failed' | 'force';

export interface StoreOptions {
  readonly mode: StoreMode;
  /** Bodies are left out, stand in the row, or are files in a folder. */
  readonly bodies: 'none' | 'inline' | { readonly folder: string };
  /** URLs keep their passwords and tokens. */
  readonly keepUrls: boolean;
}

/** An open output. */
export interface Store {
  /** The indexes that have a row from before. */
  readonly done: Bits;
  /** The inputs of the first rows from before, as they were written. */
  readonly inputs: ReadonlyMap<number, string>;
  /** Whether it can be gone on with later: a file, no device or pipe. */
  readonly resumable: boolean;
  /** Takes a result under its index in the whole input; a promise means: wait for it before the next. */
  add(result: Result, index: number): void | Promise<void>;
  /** Writes what is left, and lets go of the output. @throws StoreError when not everything could be written. */
  close(): Promise<void>;
}

const NOTHING: Existing = { done: new Bits(), inputs: new Map(), end: 0 };

/** Opens `path` to store results; '-' is standard output. @throws StoreError, with what to do. */
export async function openStore(path: string, options: StoreOptions): Promise<Store> {
  const folder = typeof options.bodies === 'object' ? await openBodyFolder(options.bodies.folder) : null;
  const format = formatOf(path);
  const write = await rowWriter(format, options);
  if (path === '-') {
    const writer = new Writer(1, 'standard output', PACKINGS.plain);
    return toStore(null, writer, write, folder, async () => {});
  }
  if (!(await isRegular(path))) {
    const file = await openFile(path, 'w');
    const writer = new Writer(file.fd, path, PACKINGS[format.packing]);
    return toStore(null, writer, write, folder, () => file.close());
  }
  const unlock = await lock(path);
  try {
    const existing = await prepare(path, format, options.mode);
    const file = await openFile(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND);
    const writer = new Writer(file.fd, path, PACKINGS[format.packing]);
    if (format.rows === 'csv' && existing.end === 0) writer.batch.text((await import('./csv.ts')).CSV_HEADER);
    return toStore(existing, writer, write, folder, async () => {
      await file.close();
      await unlock();
    });
  } catch (error) {
    await unlock();
    throw error;
  }
}

function toStore(
  file: Existing | null,
  writer: Writer,
  write: RowWriter,
  folder: BodyFolder | null,
  release: () => Promise<void>,
): Store {
  const add = (result: Result, index: number) => {
    write(writer.batch, result, index);
    return writer.appended();
  };
  return {
    done: (file ?? NOTHING).done,
    inputs: (file ?? NOTHING).inputs,
    resumable: file !== null,
    add:
      folder === null
        ? add
        : (result, index) =>
            // The file first: a row says that its body is there.
            result.body === null
              ? add(result, index)
              : folder.write(index, result.body, () => add(result, index)),
    async close() {
      try {
        await folder?.finish().catch(async (error) => {
          await writer.finish();
          throw error;
        });
        await writer.finish();
      } finally {
        await release();
      }
    },
  };
}

async function rowWriter(format: StoreFormat, options: StoreOptions): Promise<RowWriter> {
  const keep = { bodies: options.bodies === 'inline', urls: options.keepUrls };
  if (format.rows === 'jsonl') return jsonlWriter(keep);
  // Loaded only here: CSV needs libraries that cost 20 ms at start-up.
  const { csvWriter } = await import('./csv.ts');
  return csvWriter(keep);
}

/** true too where there is nothing yet; a device or pipe is only written to. */
async function isRegular(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) throw new StoreError('unusable', `${path}: this is a folder. Name a file in it.`);
  if (found !== null) return found.isFile();
  if (await stat(dirname(path)).catch(() => null)) return true;
  throw new StoreError('unusable', `${path}: there is no folder ${dirname(path)}. Make it first.`);
}

/** Makes the output ready to be appended to, and says what it holds. */
async function prepare(path: string, format: StoreFormat, mode: StoreMode): Promise<Existing> {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size === 0) return NOTHING;
  if (mode === 'new')
    throw new StoreError(
      'exists',
      `${path} exists. --resume goes on with it, --retry-failed also fetches again what failed, --force writes over it.`,
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
  const copy = `${path}.rewritten`;
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
    await rename(copy, path);
    return existing;
  } finally {
    await file.close();
  }
}

async function openFile(path: string, flags: string | number): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o600);
  } catch (error) {
    throw new StoreError('unusable', `${path}: it can't be written: ${(error as Error).message}.`, error);
  }
}
