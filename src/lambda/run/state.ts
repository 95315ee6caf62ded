import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Storage } from '../../storage/index.ts';

/** What a run's folder has to have to be carried on elsewhere: its plan, and the rows that were planned. */
const STATE = /^plan\.json$|\.rows\.jsonl$/;

/** The state of a run, in its folder here and in the storage for the next invocation. */
export class RunState {
  readonly #storage: Storage;
  readonly #prefix: string;
  readonly #folder: string;
  /** Rows never change once they are planned. */
  readonly #known = new Set<string>();

  constructor(storage: Storage, run: string, folder: string) {
    this.#storage = storage;
    this.#prefix = `${run}/state/`;
    this.#folder = folder;
  }

  /** Makes the run's folder again from the storage. Returns false if the storage has nothing of the run yet. @throws StorageError */
  async restore(): Promise<boolean> {
    let found = false;
    for await (const name of this.#storage.list(this.#prefix)) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const file = basename(name);
      await fetchFile(this.#storage, name, join(this.#folder, file));
      this.#known.add(file);
      found ||= file === 'plan.json';
    }
    return found;
  }

  /** @throws StorageError */
  async save(): Promise<void> {
    const files = (await readdir(this.#folder)).filter((file) => STATE.test(file));
    // The plan comes last: it names the rows.
    for (const file of files.sort(
      (one, other) => Number(one === 'plan.json') - Number(other === 'plan.json'),
    )) {
      if (file !== 'plan.json' && this.#known.has(file)) continue;
      await this.#storage.write(this.#prefix + file, { path: join(this.#folder, file) });
      this.#known.add(file);
    }
  }
}

/** Puts all files of a folder into the storage. @throws StorageError */
export async function putFiles(storage: Storage, prefix: string, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name);
    await storage.write(prefix + relative(folder, path).split(sep).join('/'), { path });
  }
}

/** @throws StorageError */
export async function fetchFile(storage: Storage, name: string, path: string): Promise<boolean> {
  const bytes = await storage.read(name);
  if (bytes === null) return false;
  await mkdir(dirname(path), { recursive: true });
  await pipeline(bytes, createWriteStream(path, { mode: 0o600 }));
  return true;
}
