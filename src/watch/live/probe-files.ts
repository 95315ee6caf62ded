import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange, TraceRecord } from '../../trace/index.ts';
import { Seen } from './seen.ts';

/**
 * A probe ends its file with what is under way, and replaces that by what comes next: so much of a file's end is read
 * again each time.
 */
const READ_AGAIN = 256 * 1024;

/** A file that a probe writes. */
interface ProbeFile {
  size: number;
  /** How far it was read. */
  readTo: number;
  /** How much later than the run its own time begins; undefined until its first line was read. */
  offsetUs: number | undefined;
  readonly ended: Set<number>;
  readonly seen: Seen;
}

/** The files of probes, read while they are written. */
export class ProbeFiles {
  readonly #folder: string;
  readonly #startedUs: number;
  readonly #files = new Map<string, ProbeFile>();

  constructor(folder: string, startedUs: number) {
    this.#folder = folder;
    this.#startedUs = startedUs;
  }

  /** What was seen so far, by process, of those that have sent anything. */
  read(): Map<number, Seen> {
    for (const name of this.#names()) {
      const file = this.#files.get(name) ?? {
        size: 0,
        readTo: 0,
        offsetUs: undefined,
        ended: new Set(),
        seen: new Seen(),
      };
      this.#files.set(name, file);
      this.#readFile(name, file);
    }
    return new Map(
      [...this.#files].flatMap(([name, { seen }]) =>
        seen.done + seen.failed + seen.underWay.length === 0
          ? []
          : [[Number.parseInt(name, 10), seen] as const],
      ),
    );
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith('.jsonl'));
    } catch {
      return []; // the run is over
    }
  }

  #readFile(name: string, file: ProbeFile): void {
    const from = Math.max(0, file.readTo - READ_AGAIN);
    const text = endOfFile(join(this.#folder, name), from, file);
    if (text === undefined) return;
    const lines = text.split('\n');
    lines.pop(); // it is being written
    if (from > 0) lines.shift(); // it began before
    const underWay = new Map<number, Exchange>();
    for (const line of lines) this.#take(line, file, underWay);
    file.seen.underWay = [...underWay.values()];
  }

  #take(line: string, file: ProbeFile, underWay: Map<number, Exchange>): void {
    const record = recordOf(line);
    if (record?.kind === 'run') file.offsetUs = record.startedUs - this.#startedUs;
    if (record?.kind !== 'exchange' || file.offsetUs === undefined) return;
    const exchange = shifted(record, file.offsetUs);
    if (isUnderWay(record)) {
      const { failedUs: _, ...open } = exchange;
      underWay.set(record.id, open);
    } else {
      underWay.delete(record.id);
      if (!file.ended.has(record.id)) file.seen.add(exchange);
      file.ended.add(record.id);
    }
  }
}

/** What a file holds from there on; undefined where it did not change. */
function endOfFile(path: string, from: number, file: ProbeFile): string | undefined {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size === file.size) return undefined;
    const bytes = Buffer.alloc(Math.max(0, size - from));
    const count = readSync(descriptor, bytes, 0, bytes.length, from);
    file.size = size;
    file.readTo = from + count;
    return bytes.toString('utf8', 0, count);
  } finally {
    closeSync(descriptor);
  }
}

function recordOf(line: string): TraceRecord | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // a part of a line, while it is replaced
  }
}

/** It has no answer yet, and nothing has failed: docs/trace.md. */
function isUnderWay({ readUs, error }: Exchange): boolean {
  return readUs == null && error == null;
}

/** The same times, relative to the run. */
function shifted(exchange: Exchange, offsetUs: number): Exchange {
  return Object.fromEntries(
    Object.entries(exchange).map(([field, value]) => [
      field,
      field.endsWith('Us') && typeof value === 'number' ? value + offsetUs : value,
    ]),
  ) as unknown as Exchange;
}
