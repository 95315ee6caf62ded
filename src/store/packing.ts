import { promisify } from 'node:util';
import type { StoreFormat } from './format.ts';

/** Turns a batch into bytes of the file: a piece that can be unpacked without the pieces before it. */
export type Pack = (batch: Buffer) => Promise<Buffer>;

/** Loaded when something is packed: it costs a tenth of a start-up. */
const zlib = () => process.getBuiltinModule('node:zlib');

/** Each batch becomes a gzip member or zstd frame of its own, so that a kill spoils at most the last one. */
export const PACKINGS: Readonly<Record<StoreFormat['packing'], Pack>> = {
  plain: async (batch) => batch,
  gzip: gzipMember,
  zstd: (batch) => promisify<Buffer, Buffer>(zlib().zstdCompress)(batch),
};

/** Bytes of a member's head: RFC 1952 §2.3, with one extra subfield that says how long the whole member is. */
export const GZIP_HEAD = 20;
const GZIP_LENGTH_AT = 16;

async function gzipMember(batch: Buffer): Promise<Buffer> {
  const deflated = await promisify<Buffer, Buffer>(zlib().deflateRaw)(batch);
  const member = Buffer.alloc(GZIP_HEAD + deflated.length + 8);
  // ID1 ID2, CM deflate, FLG FEXTRA, MTIME 0, XFL 0, OS unknown, XLEN 8, subfield 'AB' of 4 bytes
  member.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 8, 0, 0x41, 0x42, 4, 0]);
  member.writeUInt32LE(member.length, GZIP_LENGTH_AT);
  deflated.copy(member, GZIP_HEAD);
  member.writeUInt32LE(zlib().crc32(batch), member.length - 8);
  member.writeUInt32LE(batch.length % 2 ** 32, member.length - 4);
  return member;
}

/** The length of the gzip member that begins with `head`; null when it was not written by gzipMember. */
export function gzipLength(head: Buffer): number | null {
  const ours =
    head.length >= GZIP_HEAD && head.readUInt16BE(0) === 0x1f8b && head.readUInt16BE(12) === 0x4142;
  return ours ? head.readUInt32LE(GZIP_LENGTH_AT) : null;
}
