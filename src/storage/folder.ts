import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { reasonOf } from '../trace/index.ts';
import { StorageError, type StorageFault } from './error.ts';
import { checkName } from './name.ts';
import { probeStorage } from './probe.ts';
import type { Content, Storage } from './storage.ts';

/** A storage in a folder. The folder is made when the first name is written. */
export class FolderStorage implements Storage {
  readonly url: string;

  /** @param path absolute */
  constructor(path: string) {
    this.url = path;
  }

  writeOnce(name: string, content: Content): Promise<boolean> {
    return this.#write(name, content, takeName);
  }

  async write(name: string, content: Content): Promise<void> {
    await this.#write(name, content, replaceName);
  }

  async read(name: string): Promise<Readable | null> {
    const path = this.#pathOf(name);
    const file = await open(path, 'r').catch((error) => {
      if (isAbsent(error)) return null;
      throw refused(path, 'read', error);
    });
    if (file === null) return null;
    const stream = Readable.from(piecesOf(file, path), { objectMode: false });
    stream.once('close', () => file.close());
    if ((await file.stat()).isFile()) return stream;
    stream.destroy();
    return null;
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    yield* this.#namesIn(folder, prefix);
  }

  async remove(name: string): Promise<void> {
    const path = this.#pathOf(name);
    await rm(path, { force: true }).catch((error) => {
      throw refused(path, 'removed', error);
    });
  }

  async probe(): Promise<void> {
    await probeStorage(this);
  }

  #pathOf(name: string): string {
    checkName(name);
    return join(this.url, name);
  }

  /** Writes a scratch file beside the name; when the file is on the disk, `take` gives it the name. */
  async #write(
    name: string,
    content: Content,
    take: (scratch: string, path: string) => Promise<boolean>,
  ): Promise<boolean> {
    const path = this.#pathOf(name);
    const folder = dirname(path);
    const scratch = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
    try {
      await mkdir(folder, { recursive: true });
      await fill(scratch, content);
      const isTaken = await take(scratch, path);
      await sync(folder);
      return isTaken;
    } catch (error) {
      throw refused(path, 'written', error);
    } finally {
      await rm(scratch, { force: true }).catch(() => {}); // a scratch file that stays disturbs nothing
    }
  }

  /** Names in the order of their bytes, as S3 lists them: a folder is sorted by its name with the `/`. */
  async *#namesIn(folder: string, prefix: string): AsyncGenerator<string> {
    const path = join(this.url, folder);
    const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
      if (isAbsent(error)) return [];
      throw refused(path, 'listed', error);
    });
    const names = entries
      .filter(({ name }) => !name.startsWith('.'))
      .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
      .filter((name) => name.startsWith(prefix) || prefix.startsWith(name))
      .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    for (const name of names)
      if (name.endsWith('/')) yield* this.#namesIn(name, prefix);
      else if (name.startsWith(prefix)) yield name;
  }
}

/** Errors of file systems without hard links: exFAT, some network file systems. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Gives a scratch file its name; false if the name is taken. */
async function takeName(scratch: string, path: string): Promise<boolean> {
  try {
    await link(scratch, path);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.includes(code)) throw error;
    // Two writers at the same instant may both get true; one of their files stays, complete.
    return !existsSync(path) && replaceName(scratch, path);
  }
}

async function replaceName(scratch: string, path: string): Promise<boolean> {
  await rename(scratch, path);
  return true;
}

async function fill(scratch: string, content: Content): Promise<void> {
  if (content instanceof Uint8Array) await writeFile(scratch, content, { flag: 'wx' });
  else await copyFile(content.path, scratch);
  await sync(scratch);
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}

async function* piecesOf(file: FileHandle, path: string): AsyncGenerator<Buffer> {
  try {
    yield* file.createReadStream({ autoClose: false });
  } catch (error) {
    throw refused(path, 'read', error);
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

const FAULTS: Readonly<Record<string, readonly [fault: StorageFault, next: string]>> = {
  ESTALE: ['unreachable', 'Is the network drive still there?'],
  EIO: ['unreachable', 'Is the drive still there?'],
  EACCES: ['denied', 'Give another folder, or the right to write there.'],
  EPERM: ['denied', 'Give another folder, or the right to write there.'],
  EROFS: ['unwritable', 'Give a folder that can be written to.'],
  ENOSPC: ['unwritable', 'Free some space, or give another folder.'],
  EDQUOT: ['unwritable', 'Free some space, or give another folder.'],
};

function refused(path: string, what: string, error: unknown): StorageError {
  const { code = '' } = error as NodeJS.ErrnoException;
  const [fault, next] = FAULTS[code] ?? ['broken', 'Give another folder.'];
  const reason = code === 'EEXIST' ? 'a file is where its folder would be' : reasonOf(error);
  return new StorageError(fault, `${path} can't be ${what}: ${reason}. ${next}`, error);
}
