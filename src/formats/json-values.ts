import { createReadStream } from 'node:fs';
import { isNestedTooDeep, MOST_NESTED, reasonOf, TraceError } from '../trace/index.ts';

/**
 * The values of a JSON file (RFC 8259) or of a JSON Lines file: whichever the first line shows. Lines are read one
 * after the other; a line that is no JSON is undefined.
 * @throws TraceError when the file can't be read, or is neither.
 */
export async function* jsonValues(path: string): AsyncGenerator<unknown> {
  const lines = linesOf(path);
  let first: string | undefined;
  for await (const line of lines) {
    if (line.trim() === '') continue;
    if (first === undefined) {
      first = line;
      const value = parsed(path, line);
      if (value === undefined) return yield valueIn(path, await joined(path, line, lines));
      yield value;
    } else yield parsed(path, line);
  }
}

/** undefined for text that is no JSON. */
function parsed(path: string, text: string): unknown {
  if (isNestedTooDeep(text)) throw new TraceError(`${path}: it is nested more than ${MOST_NESTED} deep`);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

function valueIn(path: string, text: string): unknown {
  const value = parsed(path, text);
  if (value === undefined)
    throw new TraceError(`${path}: it begins like JSON, and is none: is the file complete?`);
  return value;
}

async function joined(path: string, first: string, lines: AsyncIterable<string>): Promise<string> {
  const all = [first];
  for await (const line of lines) all.push(line);
  try {
    return all.join('\n');
  } catch (error) {
    if (error instanceof RangeError)
      throw new TraceError(
        `${path}: it is one JSON value of more than 500 MB. Export a part of it, or OTLP as JSON Lines.`,
      );
    throw error;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: string[] = [];
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      const [end, ...begun] = (chunk as string).split('\n');
      rest.push(end!);
      if (begun.length === 0) continue;
      yield rest.join('');
      yield* begun.slice(0, -1);
      rest = [begun.at(-1)!];
    }
  } catch (error) {
    throw new TraceError(`${path}: the file can't be read: ${reasonOf(error)}`, { cause: error });
  }
  yield rest.join('');
}
