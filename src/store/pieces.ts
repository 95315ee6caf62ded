import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { StoreError } from './error.ts';
import type { StoreFormat } from './format.ts';
import { GZIP_HEAD, gzipLength } from './packing.ts';

/** A part of a file that can be unpacked by itself. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}

const UNPACK = {
  gzip: promisify(gunzip) as (bytes: Buffer) => Promise<Buffer>,
  zstd: promisify(zstdDecompress) as (bytes: Buffer) => Promise<Buffer>,
};

const READ_BYTES = 256 * 1024;

/** The whole pieces of a file, in order; a last one that was cut short is left out. @throws StoreError */
export async function* pieces(
  file: FileHandle,
  name: string,
  packing: StoreFormat['packing'],
): AsyncGenerator<Piece> {
  const { size } = await file.stat();
  for (let from = 0; from < size; ) {
    const to =
      packing === 'plain' ? Math.min(size, from + READ_BYTES) : await endOf(file, name, packing, from);
    if (to === null || to > size) return;
    yield { from, to };
    from = to;
  }
}

/** What is in a piece. @throws StoreError when it does not unpack. */
export async function unpacked(
  file: FileHandle,
  name: string,
  packing: StoreFormat['packing'],
  { from, to }: Piece,
): Promise<Buffer> {
  const bytes = await readAt(file, from, to - from);
  if (packing === 'plain') return bytes;
  try {
    return await UNPACK[packing](bytes);
  } catch (error) {
    throw new StoreError(
      'unusable',
      `${name}: the bytes from ${from} on are damaged: ${(error as Error).message}.`,
    );
  }
}

/** Where the piece at `from` ends; null when its head is cut short. */
async function endOf(
  file: FileHandle,
  name: string,
  packing: 'gzip' | 'zstd',
  from: number,
): Promise<number | null> {
  if (packing === 'zstd') return zstdEnd(file, name, from);
  const head = await readAt(file, from, GZIP_HEAD);
  if (head.length < GZIP_HEAD) return null;
  const length = gzipLength(head);
  if (length !== null) return from + length;
  throw new StoreError(
    'unusable',
    `${name}: abreast did not pack it like this, so it can't be resumed as it is. ` +
      `gunzip it, and --resume with the name without .gz.`,
  );
}

const ZSTD_MAGIC = 0xfd2fb528;
const ZSTD_SKIPPABLE = 0x184d2a50;

/** Walks over the blocks of a frame without unpacking them: RFC 8878 §3.1.1. */
async function zstdEnd(file: FileHandle, name: string, from: number): Promise<number | null> {
  const head = await readAt(file, from, 8);
  if (head.length < 8) return null;
  const magic = head.readUInt32LE(0);
  if ((magic & 0xfffffff0) >>> 0 === ZSTD_SKIPPABLE) return from + 8 + head.readUInt32LE(4);
  if (magic !== ZSTD_MAGIC)
    throw new StoreError('unusable', `${name}: at byte ${from} there is no zstd frame: the file is damaged.`);
  const descriptor = head[4]!;
  const single = (descriptor >> 5) & 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [single, 2, 4, 8][descriptor >> 6]!;
  let at = from + 5 + (single ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let last = false; !last; ) {
    const header = await readAt(file, at, 3);
    if (header.length < 3) return null;
    const block = header.readUIntLE(0, 3);
    last = (block & 1) === 1;
    const isRunLength = ((block >> 1) & 3) === 1;
    at += 3 + (isRunLength ? 1 : block >> 3);
  }
  const checksumBytes = (descriptor >> 2) & 1 ? 4 : 0;
  return at + checksumBytes;
}

async function readAt(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await file.read(buffer, got, length - got, from + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return buffer.subarray(0, got);
}
