import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Result } from '../fetch/index.ts';
import { PendingWrites, StoreError } from '../store/index.ts';
import { redactHeader } from '../trace/index.ts';
import { changed, inUtf8, withoutSecrets } from './secrets.ts';

type Headers = Readonly<Record<string, string>>;

/** What is cached of an answer, besides its body. */
interface Kept {
  readonly version: 1;
  readonly headers: Headers;
}

/** Headers that a 304 may not bring up to date: they are about the body as it was sent (RFC 9111 §3.2). */
const OF_THE_BODY = new Set([
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'transfer-encoding',
]);

/** Headers that are read again: to ask whether an answer has changed, and where its next page is. */
const NEEDED = ['etag', 'last-modified', 'link'];

/** A folder of answers, each asked for again with its validators (RFC 9110 §13), and taken from here after a 304. */
export class Cache {
  /** Answers that were not sent again. */
  hits = 0;
  readonly #folder: string;
  readonly #pending = new PendingWrites();
  #written = 0;

  /** @throws StoreError when the folder can't be made. */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new StoreError('unusable', `cache ${folder}: ${(error as Error).message}.`, error);
    }
  }

  /** The headers of a request, with the validators of the answer that is kept for it. */
  conditional(url: string, headers: Headers): Headers {
    const kept = read(this.#pathOf(url, headers));
    if (kept === null) return headers;
    const { etag, 'last-modified': lastModified } = kept.headers;
    return {
      ...headers,
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(lastModified !== undefined && { 'if-modified-since': lastModified }),
    };
  }

  /** The answer as its reader expects it: after a 304 the one that is kept. `headers`: without validators. */
  resolved(result: Result, url: string, headers: Headers): Result {
    if (result.status !== 304 || result.error !== null) return result;
    const kept = read(this.#pathOf(url, headers));
    if (kept === null) return result;
    this.hits++;
    const news = Object.entries(result.headers ?? {}).filter(([name]) => !OF_THE_BODY.has(name));
    return changed(result, {
      status: 200,
      headers: { ...kept.headers, ...Object.fromEntries(news) },
      body: kept.body,
    });
  }

  /**
   * Keeps an answer, when it has validators, may be kept, and can be without secrets: `secrets` are those of its row.
   * A promise means: wait for it before the next.
   */
  keep(
    result: Result,
    { url, headers, secrets }: { url: string; headers: Headers; secrets: readonly string[] },
  ): Promise<void> | undefined {
    if (result.status !== 200 || result.error !== null || result.body === null || !mayBeKept(result.headers!))
      return undefined;
    const safe = safeHeaders(result, secrets);
    if (safe === null) return undefined;
    const head: Kept = { version: 1, headers: safe };
    // The body's memory is used again as soon as the result was taken.
    const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), result.body]);
    return this.#pending.add(this.#write(this.#pathOf(url, headers), bytes));
  }

  /** Waits for what is being written. @throws StoreError when something could not be. */
  async finish(): Promise<void> {
    try {
      await this.#pending.finish();
    } catch (error) {
      const text = `cache ${this.#folder}: ${(error as Error).message}. What was written before stays.`;
      throw new StoreError('unwritable', text, error);
    }
  }

  async #write(path: string, bytes: Buffer): Promise<void> {
    const copy = `${path}.${process.pid}-${threadId}-${this.#written++}`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    try {
      await writeFile(copy, bytes, { mode: 0o600 });
      await rename(copy, path);
    } catch (error) {
      await rm(copy, { force: true });
      throw error;
    }
  }

  /** A request with other headers may get another answer: all headers are part of the name (RFC 9111 §4.1). */
  #pathOf(url: string, headers: Headers): string {
    const fields = Object.entries(headers).sort(([one], [other]) => (one < other ? -1 : 1));
    const name = createHash('sha256')
      .update(JSON.stringify([url, fields]))
      .digest('hex');
    return join(this.#folder, name.slice(0, 2), name.slice(2));
  }
}

/** The headers to cache; null if the answer would differ without its secrets. */
function safeHeaders(result: Result, secrets: readonly string[]): Headers | null {
  const { result: read } = inUtf8(result);
  const told = withoutSecrets(read, secrets);
  const safe = Object.fromEntries(
    Object.entries(told.headers!).map(([name, value]) => [name, redactHeader(name, value)]),
  );
  const isSame = told.body === read.body && NEEDED.every((name) => safe[name] === result.headers![name]);
  return isSame ? safe : null;
}

/** RFC 9111 §3: what has no validator can't be asked for again; no-store says it all. */
function mayBeKept(headers: Headers): boolean {
  if (headers.etag === undefined && headers['last-modified'] === undefined) return false;
  return !/\bno-store\b/i.test(headers['cache-control'] ?? '') && headers.vary?.trim() !== '*';
}

/** A file that is not one of our answers is ignored. */
function read(path: string): { headers: Headers; body: Buffer } | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return null;
  }
  const line = bytes.indexOf(0x0a);
  try {
    const { version, headers } = JSON.parse(bytes.toString('utf8', 0, line)) as Kept;
    return version === 1 ? { headers, body: bytes.subarray(line + 1) } : null;
  } catch {
    return null;
  }
}
