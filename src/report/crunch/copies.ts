import { createWriteStream, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isS3, openFile, StorageError } from '../../storage/index.ts';
import { reasonOf } from '../../trace/index.ts';
import { FaultyFile } from './fault.ts';

/**
 * Copies of files in S3, while a database reads them. Each is read more than once, by SQL that must see the same file
 * each time, and its rows are planned whole in any case: to read it in place would spare nothing.
 */
export class Copies {
  readonly #folder: string;
  readonly #copies = new Map<string, Promise<string>>();

  /** @param folder is made with the first copy */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where a file can be read: its own path, or that of its copy. @throws FaultyFile */
  async of(file: string): Promise<string> {
    if (!isS3(file)) return file;
    const there = this.#copies.get(file) ?? this.#copy(file);
    this.#copies.set(file, there);
    return there;
  }

  /** Removes all copies. */
  clear(): void {
    this.#copies.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #copy(file: string): Promise<string> {
    // The name says what the file is, and is in messages.
    const folder = join(this.#folder, `${this.#copies.size}`);
    const path = join(folder, basename(file));
    try {
      const { storage, name } = await openFile(file);
      const stream = await storage.read(name);
      if (stream === null) throw new FaultyFile(`there is no object ${file}`);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await pipeline(stream, createWriteStream(path, { mode: 0o600 }));
      return path;
    } catch (error) {
      if (error instanceof StorageError) throw new FaultyFile(error.message, { cause: error });
      if (!('syscall' in (error as Error))) throw error;
      throw new FaultyFile(`${file} can't be copied to ${folder}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
