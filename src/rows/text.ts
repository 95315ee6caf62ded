import { readLines } from './lines.ts';
import type { Row } from './row.ts';

/** URLs one a line; blank lines and those that begin with # are passed over. */
export async function* readText(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<readonly Row[]> {
  for await (const { lines } of readLines(bytes, name))
    yield lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}
