import { complaintAbout } from './check.ts';
import { reasonOf, TraceError } from './error.ts';
import { isNestedTooDeep, MOST_NESTED } from './nesting.ts';
import { type RunHeader, TRACE_VERSION, type TraceRecord } from './records.ts';
import type { Problem, TraceSource } from './source.ts';
import { Lifter, liftRun, type V1Record } from './versions/v1.ts';

const PROBLEMS_KEPT = 20;
const TOO_DEEP = `no record: it is nested more than ${MOST_NESTED} deep`;

/** Batches of whole lines; returns what follows the last line end. */
export type Lines = AsyncGenerator<string[], string>;

/**
 * Reads the head of a trace, whose lines come from anywhere; `path` is what messages call it.
 * @throws TraceError when it is no trace, or of a version that this abreast does not know; and what `lines` throws.
 */
export async function readLines(path: string, lines: Lines): Promise<TraceReader> {
  const first = await lines.next();
  const batch = first.done ? [first.value] : first.value;
  return new TraceReader(path, headOf(path, batch[0]!), batch.slice(1), lines);
}

/**
 * A trace being read: the records after `run`, in batches, so that a million records are not a million promises.
 * It is read once. A line that can't be used is counted and skipped; the other lines are read.
 */
export class TraceReader implements TraceSource {
  readonly path: string;
  readonly run: RunHeader;
  /** The first 20 lines that could not be used, as far as was read. */
  readonly problems: Problem[] = [];
  problemCount = 0;
  /** After the last batch: true when there was no `end`, because the recording was cut short. */
  cutShort = false;
  readonly #lifter: Lifter | null;
  readonly #first: readonly string[];
  readonly #lines: Lines;
  #line = 1;
  #ended = false;

  constructor(path: string, head: Head, first: readonly string[], lines: Lines) {
    this.path = path;
    this.run = head.run;
    this.#lifter = head.lifter;
    this.#first = first;
    this.#lines = lines;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly TraceRecord[]> {
    try {
      yield this.#recordsOf(this.#first);
      let next = await this.#lines.next();
      for (; !next.done; next = await this.#lines.next()) yield this.#recordsOf(next.value);
      if (parsed(next.value) !== undefined) yield this.#recordsOf([next.value]);
    } catch (error) {
      this.#report(`the rest can't be read: ${reasonOf(error)}`);
    } finally {
      await this.#lines.return('');
    }
    this.cutShort = !this.#ended;
  }

  #recordsOf(lines: readonly string[]): TraceRecord[] {
    const records: TraceRecord[] = [];
    for (const line of lines) {
      this.#line++;
      if (line === '') continue;
      if (isNestedTooDeep(line)) {
        this.#report(TOO_DEEP);
        continue;
      }
      for (const value of this.#today(parsed(line))) {
        const complaint = complaintAbout(value);
        if (complaint === undefined) records.push(value as TraceRecord);
        else this.#report(complaint);
      }
    }
    this.#ended ||= records.at(-1)?.kind === 'end';
    return records;
  }

  /** The records of the current version for a line. */
  #today(value: unknown): readonly unknown[] {
    return this.#lifter === null || !isObject(value) ? [value] : this.#lifter.lift(value);
  }

  #report(text: string): void {
    this.problemCount++;
    if (this.problems.length < PROBLEMS_KEPT)
      this.problems.push({ where: `${this.path}:${this.#line}`, text });
  }
}

/** undefined for text that is not JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

interface Head {
  readonly run: RunHeader;
  /** For the records of an older version; null for those of today. */
  readonly lifter: Lifter | null;
}

function headOf(path: string, line: string): Head {
  const value = parsed(line);
  if (!isObject(value) || value.kind !== 'run' || typeof value.version !== 'number')
    throw new TraceError(noTrace(path, line));
  const { version } = value;
  if (version !== 1 && version !== TRACE_VERSION) {
    const side = version > TRACE_VERSION ? 'update abreast' : 'judge it with the abreast that wrote it';
    throw new TraceError(
      `${path}:1: a trace of version ${version}; this abreast reads versions 1 and ${TRACE_VERSION}: ${side}`,
    );
  }
  const run = version === 1 ? liftRun(value) : value;
  const complaint = isNestedTooDeep(line) ? TOO_DEEP : complaintAbout(run);
  if (complaint !== undefined) throw new TraceError(`${path}:1: ${complaint}`);
  return { run: run as unknown as RunHeader, lifter: version === 1 ? new Lifter() : null };
}

function isObject(value: unknown): value is V1Record {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function noTrace(path: string, line: string): string {
  if (line === '') return `${path}: it is empty: the recording ended before it began`;
  if (line.startsWith('\u0028\uFFFD/\uFFFD'))
    return `${path}: it is compressed: name it so that it ends in .zst`;
  return `${path}:1: no trace of abreast: the first line should be its \`run\` record (see \`abreast get --trace\`)`;
}
