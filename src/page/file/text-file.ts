import { open, rm } from 'node:fs/promises';
import { makePrivate, reasonOf, TraceError } from '../../trace/index.ts';

/**
 * Writes a file that only its owner can read. `what` is what messages call it.
 * @returns how many bytes. @throws TraceError; then there is no half of a file
 */
export async function writeText(
  path: string,
  what: string,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  let bytes = 0;
  let isOurs = false;
  try {
    await using file = await open(path, 'w', 0o600);
    await makePrivate(file);
    isOurs = (await file.stat()).isFile();
    for await (const piece of pieces) bytes += (await file.write(piece)).bytesWritten;
  } catch (error) {
    if (isOurs) await rm(path, { force: true });
    if (error instanceof TraceError) throw error;
    throw new TraceError(`${path}: the ${what} can't be written: ${reasonOf(error)}`, { cause: error });
  }
  return bytes;
}
