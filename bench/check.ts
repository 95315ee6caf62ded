import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isBodyOf } from './body.ts';

/** What a client left behind, compared with what it was asked for. */
export interface Stored {
  /** Indexes with status 200 and the right body, once. */
  readonly right: number;
  /** Indexes that the client itself calls failed, or whose status is not 200. */
  readonly failed: number;
  /** Lines with the wrong body or size, of an index that was not asked for, or that came before. */
  readonly wrong: number;
  /** Indexes that are nowhere. */
  readonly missing: number;
  /** The first thing that was not right, in words. */
  readonly example: string | null;
}

interface Answer {
  readonly index: number;
  readonly status?: number | null;
  readonly bytes?: number;
  readonly body?: string | null;
  readonly error?: unknown;
}

interface Asked {
  readonly count: number;
  readonly size: number;
}

/** Compares the JSON lines in `file` with what was asked. A last line that was cut off is a missing one. */
export async function checkLines(file: string, asked: Asked): Promise<Stored> {
  return compare(answersOfLines(file), asked);
}

/** Compares files named 0, 1, 2 … in `folder`; `listing` has a line 'FILE STATUS BYTES' for each. */
export async function checkFiles(folder: string, listing: string, asked: Asked): Promise<Stored> {
  return compare(answersOfFiles(folder, listing), asked);
}

async function* answersOfLines(file: string): AsyncGenerator<Answer> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return;
  for await (const line of handle.readLines({ encoding: 'utf8' })) {
    try {
      yield JSON.parse(line) as Answer;
    } catch {
      // cut off where the client was killed: its index counts as missing
    }
  }
}

async function* answersOfFiles(folder: string, listing: string): AsyncGenerator<Answer> {
  for (const line of (await readFile(listing, 'utf8')).split('\n')) {
    const [name, status, bytes] = line.split(' ');
    if (!name || !status) continue;
    const index = Number(name.slice(name.lastIndexOf('/') + 1));
    const body = await readFile(join(folder, String(index)), 'latin1').catch(() => '');
    yield { index, status: Number(status), bytes: Number(bytes), body };
  }
}

async function compare(answers: AsyncIterable<Answer>, { count, size }: Asked): Promise<Stored> {
  const seen = new Uint8Array(count);
  const tally = { right: 0, failed: 0, wrong: 0 };
  let example: string | null = null;
  for await (const answer of answers) {
    const [kind, why] = judge(answer, seen, size);
    tally[kind]++;
    example ??= why;
  }
  const missing = seen.reduce((absent, times) => absent + (times === 0 ? 1 : 0), 0);
  if (missing > 0) example ??= `${missing} without an answer`;
  return { ...tally, missing, example };
}

function judge(
  answer: Answer,
  seen: Uint8Array,
  size: number,
): [keyof Omit<Stored, 'missing' | 'example'>, string | null] {
  const { index, status, bytes, body } = answer;
  if (!Number.isInteger(index) || index < 0 || index >= seen.length)
    return ['wrong', `index ${index} was not asked for`];
  if (seen[index] === 1) return ['wrong', `index ${index} twice`];
  seen[index] = 1;
  if (answer.error != null) return ['failed', `index ${index}: ${words(answer.error)}`];
  if (status !== 200) return ['failed', `index ${index}: status ${status}`];
  if (bytes !== size) return ['wrong', `index ${index}: ${bytes} bytes instead of ${size}`];
  if (typeof body !== 'string' || !isBodyOf(body, index, size))
    return ['wrong', `index ${index}: not its body`];
  return ['right', null];
}

function words(error: unknown): string {
  return (typeof error === 'string' ? error : JSON.stringify(error)).slice(0, 100);
}
