import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Storage } from '../../storage/index.ts';

/** What a run's folder has to have to be carried on elsewhere: its plan, and the rows that were planned. */
const PLAN = 'plan.json';
const ROWS = '.rows.jsonl';

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

  /**
   * Makes the run's folder again from the storage. Returns false if the storage has no plan: an invocation that was killed before it
   * had one may have left rows, which the run does not know. @throws StorageError
   */
  async restore(): Promise<boolean> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const plan = join(this.#folder, PLAN);
    if (!(await fetchFile(this.#storage, this.#prefix + PLAN, plan))) return false;
    const { rows } = JSON.parse(await readFile(plan, 'utf8')) as { rows: Readonly<Record<string, unknown>> };
    for (const file of Object.keys(rows).map((name) => name + ROWS)) {
      await fetchFile(this.#storage, this.#prefix + file, join(this.#folder, file));
      this.#known.add(file);
    }
    return true;
  }

  /** @throws StorageError */
  async save(): Promise<void> {
    const rows = (await readdir(this.#folder)).filter((file) => file.endsWith(ROWS));
    for (const file of rows.filter((file) => !this.#known.has(file))) await this.#put(file);
    // The plan comes last: it names the rows.
    await this.#put(PLAN);
  }

  async #put(file: string): Promise<void> {
    await this.#storage.write(this.#prefix + file, { path: join(this.#folder, file) });
    this.#known.add(file);
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

/** Makes a folder of the files that the storage has. @throws StorageError */
export async function fetchFiles(storage: Storage, prefix: string, folder: string): Promise<void> {
  for await (const name of storage.list(prefix))
    await fetchFile(storage, name, join(folder, name.slice(prefix.length)));
}

/** @throws StorageError */
export async function fetchFile(storage: Storage, name: string, path: string): Promise<boolean> {
  const bytes = await storage.read(name);
  if (bytes === null) return false;
  await mkdir(dirname(path), { recursive: true });
  await pipeline(bytes, createWriteStream(path, { mode: 0o600 }));
  return true;
}
