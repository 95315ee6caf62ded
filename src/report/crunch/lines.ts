import { open } from 'node:fs/promises';
import { eachRow, partRowOf } from '../../store/index.ts';

/** How many lines parts have, and how long they are, in bytes. */
export interface Measured {
  readonly lines: number;
  readonly bytes: number;
  readonly longest: number;
}

const READ_BYTES = 1024 * 1024;
const LINE_END = 0x0a;

/** Reads all lines of parts, into one buffer: what is measured may be gigabytes. */
export async function measure(parts: readonly string[]): Promise<Measured> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let [lines, bytes, longest] = [0, 0, 0];
  for (const part of parts) {
    await using file = await open(part);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) break;
      const read = buffer.subarray(0, bytesRead);
      let from = 0;
      for (let end = read.indexOf(LINE_END); end !== -1; end = read.indexOf(LINE_END, from)) {
        length += end + 1 - from;
        lines++;
        bytes += length;
        longest = Math.max(longest, length);
        length = 0;
        from = end + 1;
      }
      length += bytesRead - from;
    }
  }
  return { lines, bytes, longest };
}

/** Where a line is, and its place among all. */
interface ResultLine {
  readonly index: number;
  readonly page: number;
  readonly part: string;
  readonly from: number;
  readonly length: number;
}

/**
 * The lines of parts in the order of their rows and pages, as files of about so many bytes: each is written to `path`
 * in the place of the one before.
 */
export async function* inOrder(parts: readonly string[], path: string, bytes: number): AsyncGenerator<void> {
  for (const piece of piecesOf(await linesOf(parts), bytes)) {
    await copy(piece, path);
    yield;
  }
}

async function linesOf(parts: readonly string[]): Promise<readonly ResultLine[]> {
  const lines: ResultLine[] = [];
  for (const part of parts) {
    let from = 0;
    await eachRow(part, (line) => {
      const { index, page } = partRowOf(line)!;
      lines.push({ index, page, part, from, length: line.length });
      from += line.length;
    });
  }
  return lines.sort((one, other) => one.index - other.index || one.page - other.page);
}

function* piecesOf(lines: readonly ResultLine[], bytes: number): Generator<readonly ResultLine[]> {
  let piece: ResultLine[] = [];
  let pieceBytes = 0;
  for (const line of lines) {
    if (pieceBytes > 0 && pieceBytes + line.length > bytes) {
      yield piece;
      piece = [];
      pieceBytes = 0;
    }
    piece.push(line);
    pieceBytes += line.length;
  }
  yield piece;
}

async function copy(lines: readonly ResultLine[], path: string): Promise<void> {
  await using to = await open(path, 'w', 0o600);
  for (const [part, some] of Map.groupBy(lines, ({ part }) => part)) {
    await using from = await open(part);
    for (const { from: position, length } of some) {
      const { buffer } = await from.read(Buffer.allocUnsafe(length), 0, length, position);
      await to.write(buffer);
    }
  }
}
