import { mkdir, writeFile } from 'node:fs/promises';
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
    try {
      await writeFile(join(this.#folder, String(index)), body, { mode: 0o600 });
    } catch (error) {
      throw new StoreError('unwritable', `--bodies ${this.#folder}: ${reasonOf(error)}.`, error);
    }
  }
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
