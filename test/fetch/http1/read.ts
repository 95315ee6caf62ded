import { FetchError } from '../../../src/fetch/errors.ts';
import { lastHead, ResponseReader } from '../../../src/fetch/http1/reader.ts';
import { bodyMemory } from '../memory.ts';

/** What a reader made of one answer: the answer, or the code of its refusal. */
export type Outcome =
  | {
      readonly status: number;
      readonly headers: Record<string, string>;
      readonly body: string;
      /** The connection may carry another request: it is kept alive, and nothing came after the answer. */
      readonly isReusable: boolean;
    }
  | { readonly code: string };

/** Reads one answer from chunks; the connection ends after them when it isn't whole by then. */
export function read(chunks: readonly Buffer[], maxBody = 1e6, memory = lastHead()): Outcome {
  const reader = new ResponseReader(memory, bodyMemory(maxBody));
  reader.begin();
  let last: number;
  try {
    // A copy that is wiped afterwards: what was read must not depend on the buffer it came in.
    last = chunks.findIndex((chunk) => {
      const shared = Buffer.from(chunk);
      const done = reader.push(shared);
      shared.fill(0x58);
      return done;
    });
    if (last < 0) reader.end();
  } catch (error) {
    if (error instanceof FetchError) return { code: error.code };
    throw error;
  }
  const { status, headers, keepAlive } = reader.head!;
  const isAll = last === chunks.length - 1 && !reader.excess;
  const body = reader.body.bytes().toString('latin1');
  return { status, headers: { ...headers }, body, isReusable: keepAlive && isAll };
}

/** The text cut in two at every place, and into single bytes. */
export function* cuts(text: string): Generator<readonly Buffer[]> {
  const bytes = Buffer.from(text, 'latin1');
  yield [bytes];
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}
