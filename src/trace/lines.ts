import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';

/** Longer lines are in no trace; a file that holds one is something else. */
const LONGEST_LINE = 16 * 1024 * 1024;
const READ_AT_ONCE = 256 * 1024;
const LINE_END = 10;

/**
 * The whole lines of a file, in batches; returns what follows the last line end. A compressed file (by its
 * ending .zst) that was cut short ends where it was cut. @throws RangeError for a line over 16 MB, and what the
 * file system and zlib throw.
 */
export async function* linesOf(path: string): AsyncGenerator<string[], string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of bytesOf(path)) {
    const end = chunk.lastIndexOf(LINE_END);
    if (end === -1) {
      rest.push(chunk);
      restBytes += chunk.length;
      if (restBytes > LONGEST_LINE) throw new RangeError('a line is longer than 16 MB');
      continue;
    }
    const head = chunk.subarray(0, end);
    const text = (rest.length === 0 ? head : Buffer.concat([...rest, head])).toString();
    rest = [chunk.subarray(end + 1)];
    restBytes = chunk.length - end - 1;
    yield text.split('\n');
  }
  return Buffer.concat(rest).toString();
}

function bytesOf(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: READ_AT_ONCE });
  if (!path.endsWith('.zst')) return file;
  const { constants, createZstdDecompress } = process.getBuiltinModule('node:zlib');
  const plain = createZstdDecompress({ finishFlush: constants.ZSTD_e_flush, chunkSize: READ_AT_ONCE });
  return pipeline(file, plain, () => {}); // a failure of either is thrown by the iteration
}
