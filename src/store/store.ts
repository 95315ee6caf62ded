import { constants } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Result } from '../fetch/index.ts';
import type { Bits } from './bits.ts';
import { type BodyFolder, openBodyFolder } from './bodies.ts';
import { StoreError } from './error.ts';
import type { Existing } from './existing.ts';
import { formatOf, type StoreFormat } from './format.ts';
import { jsonlWriter, type RowWriter } from './jsonl.ts';
import { lock } from './lock.ts';
import { PACKINGS } from './packing.ts';
import type { PartPlace } from './place.ts';
import { NOTHING, openFile, prepare, type StoreMode } from './prepare.ts';
import { Writer } from './writer.ts';

export interface StoreOptions {
  readonly mode: StoreMode;
  /** Bodies are left out, stand in the row, or are files in a folder. */
  readonly bodies: 'none' | 'inline' | { readonly folder: string };
  /** URLs keep their passwords and tokens. */
  readonly keepUrls: boolean;
  /** In CSV no cell is one that a spreadsheet takes for a formula. */
  readonly csvSafe?: boolean;
}

/** An open output. */
export interface Store {
  /** The indexes that have a row from before. */
  readonly done: Bits;
  /** The inputs of the first rows from before, as they were written. */
  readonly inputs: ReadonlyMap<number, string>;
  /** Whether it can be resumed later: true for a file, false for a device or pipe. */
  readonly resumable: boolean;
  /**
   * Takes a result under its index in the whole input; a promise means: wait for it before the next. `place`: makes
   * it a line of a part.
   */
  add(result: Result, index: number, place?: PartPlace): void | Promise<void>;
  /** Writes what is left, and lets go of the output. @throws StoreError when not everything could be written. */
  close(): Promise<void>;
}

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
  // Two names of one file have one lock.
  const unlock = await lock(await realpath(path).catch(() => path), { shown: path });
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
  const add = (result: Result, index: number, place?: PartPlace) =>
    writer.append((batch) => write(batch, result, index, place));
  return {
    done: (file ?? NOTHING).done,
    inputs: (file ?? NOTHING).inputs,
    resumable: file !== null,
    add:
      folder === null
        ? add
        : (result, index, place) =>
            // The file first: a row says that its body is there.
            result.body === null
              ? add(result, index, place)
              : folder.write(index, result.body, () => add(result, index, place)),
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
  return csvWriter(keep, options.csvSafe ?? false);
}

/** true too where there is nothing yet; a device or pipe is only written to. */
async function isRegular(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) throw new StoreError('unusable', `${path}: this is a folder. Name a file in it.`);
  if (found !== null) return found.isFile();
  if (await stat(dirname(path)).catch(() => null)) return true;
  throw new StoreError('unusable', `${path}: there is no folder ${dirname(path)}. Make it first.`);
}
