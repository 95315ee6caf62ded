import { pipeline, type Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import type { Storage } from '../storage/index.ts';
import { ChunkError } from './error.ts';
import { CHUNK_FORMAT, type ChunkEnd, type ChunkHeader } from './format.ts';

const LINE_END = 10;
const EMPTY = Buffer.alloc(0);

/** A chunk file that is read from its beginning: its header, its account, its results, in this order. */
export class ChunkFile {
  readonly #name: string;
  readonly #bytes: AsyncIterator<Buffer>;
  #rest: Buffer = EMPTY;
  #end: ChunkEnd | null = null;

  private constructor(name: string, bytes: AsyncIterator<Buffer>) {
    this.#name = name;
    this.#bytes = bytes;
  }

  /** @throws ChunkError, StorageError */
  static async open(
    bytes: Readable,
    name: string,
  ): Promise<{ readonly file: ChunkFile; readonly header: ChunkHeader }> {
    const plain = pipeline(bytes, createZstdDecompress(), () => {}); // a failure of either is thrown by the iteration
    const file = new ChunkFile(name, plain[Symbol.asyncIterator]());
    const header = (await file.#line()) as ChunkHeader;
    if (header.kind === 'chunk' && header.format === CHUNK_FORMAT) return { file, header };
    await file.close();
    throw new ChunkError(
      'other-run',
      `${name} is no chunk file that this version of abreast reads (format ${CHUNK_FORMAT}).`,
    );
  }

  /** The lines of the account, as they are. */
  async *account(): AsyncGenerator<string> {
    for (;;) {
      const line = await this.#text();
      if (line.startsWith('{"kind":"results"')) {
        this.#end = this.#parsed(line) as ChunkEnd;
        return;
      }
      yield line;
    }
  }

  /** After the account. */
  get end(): ChunkEnd {
    return this.#end!;
  }

  /** After the account: the bytes of the results. @throws ChunkError where they are not all there */
  async *results(): AsyncGenerator<Buffer> {
    let lines = 0;
    for (let piece: Buffer | null = this.#rest; piece !== null; piece = await this.#next()) {
      lines += linesIn(piece);
      if (piece.length > 0) yield piece;
    }
    if (lines !== this.end.lines) throw this.#damaged(`${lines} of ${this.end.lines} results are in it`);
  }

  /** Ends the reading. */
  async close(): Promise<void> {
    await this.#bytes.return?.();
  }

  async #line(): Promise<unknown> {
    return this.#parsed(await this.#text());
  }

  async #text(): Promise<string> {
    const parts: Buffer[] = [];
    for (;;) {
      const at = this.#rest.indexOf(LINE_END);
      if (at !== -1) {
        parts.push(this.#rest.subarray(0, at));
        this.#rest = this.#rest.subarray(at + 1);
        return Buffer.concat(parts).toString('utf8');
      }
      parts.push(this.#rest);
      const next = await this.#next();
      if (next === null) throw this.#damaged('it ends too early');
      this.#rest = next;
    }
  }

  async #next(): Promise<Buffer | null> {
    try {
      const { done, value } = await this.#bytes.next();
      return done ? null : value;
    } catch (error) {
      if (error instanceof Error && isOfZstd(error)) throw this.#damaged(error.message, error);
      throw error;
    }
  }

  #parsed(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw this.#damaged((error as Error).message, error);
    }
  }

  #damaged(why: string, cause?: unknown): ChunkError {
    return new ChunkError(
      'damaged',
      `${this.#name} is damaged: ${why}. Remove it; then its rows are fetched again.`,
      cause,
    );
  }
}

/** The header of a chunk file; null where there is no such file. @throws ChunkError, StorageError */
export async function readHeader(
  storage: Pick<Storage, 'read' | 'url'>,
  name: string,
): Promise<ChunkHeader | null> {
  const bytes = await storage.read(name);
  if (bytes === null) return null;
  const { file, header } = await ChunkFile.open(bytes, `${storage.url}/${name}`);
  await file.close();
  return header;
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) lines++;
  return lines;
}

function isOfZstd(error: Error): boolean {
  const { code = '', name } = error as NodeJS.ErrnoException;
  return name !== 'StorageError' && /^(ZSTD|Z)_/.test(code);
}
