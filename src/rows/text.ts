import { nothingIn } from './error.ts';
import { readLines } from './lines.ts';
import type { Row } from './row.ts';

/**
 * URLs one a line; blank lines and those that begin with # are passed over.
 * @throws InputError when nothing else is there.
 */
export async function* readText(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<readonly Row[]> {
  let isEmpty = true;
  for await (const { lines } of readLines(bytes, name)) {
    const urls = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
    isEmpty &&= urls.length === 0;
    yield urls;
  }
  if (isEmpty) throw nothingIn(name);
}
