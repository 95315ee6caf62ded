import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../trace/index.ts';
import { refused, StoreError } from './error.ts';
import { PendingWrites } from './pending.ts';

/** A folder with a file for each body, named by the result's index. */
export class BodyFolder {
  readonly #folder: string;
  readonly #pending = new PendingWrites();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Writes a body, and then calls `written`. A promise means: wait for it before the next.
   * @throws StoreError when an earlier one could not be written.
   */
  write(index: number, body: Buffer, written: () => void | Promise<void>): Promise<void> | undefined {
    this.#pending.check();
    return this.#pending.add(this.#store(index, body).then(written));
  }

  /** Waits for all. @throws StoreError when one could not be written. */
  finish(): Promise<void> {
    return this.#pending.finish();
  }

  async #store(index: number, body: Buffer): Promise<void> {
    const path = join(this.#folder, String(index));
    try {
      await writeNew(path, body).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        await rm(path);
        await writeNew(path, body);
      });
    } catch (error) {
      throw new StoreError('unwritable', `--bodies ${this.#folder}: ${reasonOf(error)}.`, error);
    }
  }
}

/** A file of an earlier run keeps its mode when it is written over, and a link leads elsewhere: it must be a new one. */
function writeNew(path: string, body: Buffer): Promise<void> {
  return writeFile(path, body, { flag: 'wx', mode: 0o600 });
}

/** Makes the folder where it is missing. @throws StoreError when it can't be made. */
export async function openBodyFolder(folder: string): Promise<BodyFolder> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw refused(`--bodies ${folder}: it can't be made`, error);
  }
  return new BodyFolder(folder);
}
