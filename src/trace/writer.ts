import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { finished, pipeline } from 'node:stream/promises';
import type { ZstdCompress } from 'node:zlib';
import { reasonOf, TraceError } from './error.ts';
import { makePrivate } from './private.ts';
import type { End, RunHeader, TraceRecord } from './records.ts';
import { redactRecord } from './secrets/record.ts';

/** Lines are given to the file in pieces of about this many characters: a write each costs more than the line. */
const BATCH = 256 * 1024;
/** What is younger than this may be lost when the process is killed. */
const FLUSH_MS = 1_000;

export interface TraceOptions {
  /** Leave URLs as they are (`--keep-urls`). All other secrets are replaced all the same. */
  readonly keepUrls?: boolean;
}

/**
 * Begins a trace in `path`, compressed when it ends in .zst. The file is readable by its owner alone; one that is
 * there already is replaced.
 * @throws TraceError when it can't be written.
 */
export async function openTrace(
  path: string,
  run: RunHeader,
  options: TraceOptions = {},
): Promise<TraceWriter> {
  let file: FileHandle;
  try {
    file = await open(path, 'w', 0o600);
    await makePrivate(file);
  } catch (error) {
    throw cannotWrite(path, error);
  }
  return new TraceWriter(path, file, run, options.keepUrls ?? false);
}

/** A trace being written. Its errors never end the run that it records: `close` reports them. */
export class TraceWriter {
  readonly #path: string;
  readonly #keepUrls: boolean;
  readonly #out: NodeJS.WritableStream;
  readonly #compress: ZstdCompress | undefined;
  readonly #closed: Promise<void>;
  #failure: unknown;
  #pending = '';
  #drained: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, file: FileHandle, run: RunHeader, keepUrls: boolean) {
    this.#path = path;
    this.#keepUrls = keepUrls;
    const sink = file.createWriteStream({ highWaterMark: 4 * BATCH });
    this.#compress = path.endsWith('.zst')
      ? process.getBuiltinModule('node:zlib').createZstdCompress()
      : undefined;
    this.#out = this.#compress ?? sink;
    this.#closed = this.#compress ? pipeline(this.#compress, sink) : finished(sink);
    this.#closed.catch((error: unknown) => {
      this.#failure ??= error;
    });
    this.write(run);
    this.#flush();
  }

  /** Takes a record. While the returned promise is pending the file is behind: bring no more, if you can wait. */
  write(record: Exclude<TraceRecord, End>): Promise<void> | undefined {
    this.#append(record);
    if (this.#pending.length >= BATCH) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
    return this.#drained;
  }

  /** Writes the last record and closes the file. @throws TraceError when any of the trace could not be written. */
  async close(end: End): Promise<void> {
    this.#append(end);
    this.#flush();
    if (this.#failure === undefined) this.#out.end();
    try {
      await this.#closed;
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
  }

  #append(record: TraceRecord): void {
    const written = this.#keepUrls && record.kind === 'exchange' ? record : redactRecord(record);
    this.#pending += `${JSON.stringify(kindFirst(written))}\n`;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#pending;
    this.#pending = '';
    if (batch === '' || this.#failure !== undefined) return;
    const room = this.#out.write(batch);
    this.#compress?.flush();
    if (!room) this.#drained ??= this.#untilDrained();
  }

  async #untilDrained(): Promise<void> {
    await Promise.race([once(this.#out, 'drain'), this.#closed]).catch(() => {});
    this.#drained = undefined;
  }
}

/** `kind` comes first in every line, so that the beginning of a line shows its kind. */
function kindFirst(record: TraceRecord): TraceRecord {
  for (const key in record) return key === 'kind' ? record : { ...{ kind: record.kind }, ...record };
  return record;
}

function cannotWrite(path: string, error: unknown): TraceError {
  return new TraceError(`${path}: the trace can't be written: ${reasonOf(error)}`, { cause: error });
}
