import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import type { EngineRecord, ResultStore, Took } from '../execute/index.ts';
import { type LineFile, openLines, openStore, StoreError } from '../store/index.ts';
import { reasonOf, redactRecord, redactText, redactUrl } from '../trace/index.ts';
import type { AccountLine, ChunkEnd, ChunkHeader } from './format.ts';

/** The account and the results of a chunk so far, in files, because answers can be larger than the memory. */
export class Spool {
  readonly #path: string;
  readonly #account: LineFile;
  readonly #results: ResultStore;
  readonly #pending = new Set<PromiseLike<unknown>>();
  #failure: unknown;

  private constructor(path: string, account: LineFile, results: ResultStore) {
    this.#path = path;
    this.#account = account;
    this.#results = results;
  }

  /** `path`: what the names of its files begin with. @throws StoreError */
  static async open(path: string): Promise<Spool> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const account = await openLines(accountOf(path));
    try {
      const store = await openStore(resultsOf(path), { mode: 'force', bodies: 'inline', keepUrls: false });
      return new Spool(path, account, store);
    } catch (error) {
      await account.close();
      throw error;
    }
  }

  record(record: EngineRecord): void {
    this.#line(redactRecord(record) as EngineRecord);
  }

  took(took: Took): void {
    const { url, error } = took;
    this.#line({
      kind: 'took',
      ...took,
      url: redactUrl(url),
      error: error && { ...error, message: redactText(error.message) },
    });
  }

  /** A promise means: wait for it before the next. @throws StoreError */
  result(...[result, index, place]: Parameters<ResultStore['add']>): void | Promise<void> {
    const stored = this.#results.add(result, index, place);
    if (stored !== undefined) this.#wait(stored);
    return stored;
  }

  /** Makes the chunk file of it; returns its path. Nothing more can be added. @throws StoreError */
  async pack(header: ChunkHeader, end: ChunkEnd): Promise<string> {
    await this.#close();
    const packed = `${this.#path}.jsonl.zst`;
    const [account, results] = [accountOf(this.#path), resultsOf(this.#path)];
    async function* whole() {
      yield `${JSON.stringify(header)}\n`;
      yield* createReadStream(account);
      yield `${JSON.stringify(end)}\n`;
      yield* createReadStream(results);
    }
    try {
      await pipeline(whole, createZstdCompress(), createWriteStream(packed, { mode: 0o600 }));
    } catch (error) {
      throw new StoreError('unwritable', `${packed}: ${reasonOf(error)}.`, error);
    }
    return packed;
  }

  /** Removes its files, the chunk file too. */
  async remove(): Promise<void> {
    await this.#close().catch(() => {}); // the files are removed in any case
    for (const path of [accountOf(this.#path), resultsOf(this.#path), `${this.#path}.jsonl.zst`])
      await rm(path, { force: true });
  }

  async #close(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    await Promise.all([this.#account.close(), this.#results.close()]);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #line(line: AccountLine): void {
    const written = this.#account.add(JSON.stringify(line));
    if (written !== undefined) this.#wait(written);
  }

  #wait(written: Promise<void>): void {
    const done = written
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#pending.delete(done));
    this.#pending.add(done);
  }
}

function accountOf(path: string): string {
  return `${path}.account.jsonl`;
}

function resultsOf(path: string): string {
  return `${path}.results.jsonl`;
}
