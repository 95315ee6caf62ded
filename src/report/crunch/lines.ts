import { open } from 'node:fs/promises';
import { eachRow, partRowOf } from '../../store/index.ts';

/** How many lines parts have, and how long they are, in bytes. */
export interface Measured {
  readonly lines: number;
  readonly bytes: number;
  readonly longest: number;
}

/** Reads all lines of parts. */
export async function measure(parts: readonly string[]): Promise<Measured> {
  let [lines, bytes, longest] = [0, 0, 0];
  for (const part of parts)
    await eachRow(part, ({ length }) => {
      lines++;
      bytes += length;
      if (length > longest) longest = length;
    });
  return { lines, bytes, longest };
}

/** Where a line is, and its place among all. */
interface Line {
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

async function linesOf(parts: readonly string[]): Promise<readonly Line[]> {
  const lines: Line[] = [];
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

function* piecesOf(lines: readonly Line[], bytes: number): Generator<readonly Line[]> {
  let piece: Line[] = [];
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

async function copy(lines: readonly Line[], path: string): Promise<void> {
  await using to = await open(path, 'w', 0o600);
  for (const [part, some] of Map.groupBy(lines, ({ part }) => part)) {
    await using from = await open(part);
    for (const { from: position, length } of some) {
      const { buffer } = await from.read(Buffer.allocUnsafe(length), 0, length, position);
      await to.write(buffer);
    }
  }
}
