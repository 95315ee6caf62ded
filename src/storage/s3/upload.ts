import { open } from 'node:fs/promises';
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { OpenS3 } from './client.ts';

/** A larger file is uploaded in parts. */
export const WHOLE_BYTES = 32 * 1024 * 1024;
/** S3 takes parts of at least 5 MB. */
const PART_BYTES = 8 * 1024 * 1024;
const MOST_PARTS = 10_000;
/** Parts in memory at once. */
const PARALLEL = 4;

/** Where an upload goes. */
export interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly IfNoneMatch?: string;
  readonly Metadata: Record<string, string>;
}

type Send = <Value>(work: () => Promise<Value>) => Promise<Value>;

/**
 * Uploads a file in parts; the object appears when all parts are there. `isTaken` is called before that, because some
 * servers ignore If-None-Match in the last step. Returns whether the object was written.
 */
export async function uploadParts(
  { s3, client }: OpenS3,
  { Bucket, Key, IfNoneMatch, Metadata }: Target,
  { path, size }: { readonly path: string; readonly size: number },
  isTaken: () => Promise<boolean>,
  send: Send,
): Promise<boolean> {
  if (await isTaken()) return false;
  // The client sends checksums, and the server must know their kind to compare them.
  const sums = (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
  const summed = sums ? ({ ChecksumAlgorithm: 'CRC32' } as const) : {};
  const { UploadId } = await send(() =>
    client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key, Metadata, ...summed })),
  );
  const upload = { Bucket, Key, UploadId };
  try {
    const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
    const Parts = await inParts(path, size, partBytes, async (PartNumber, Body) => {
      const { ETag, ChecksumCRC32 } = await send(() =>
        client.send(new s3.UploadPartCommand({ ...upload, ...summed, PartNumber, Body })),
      );
      return { PartNumber, ETag, ChecksumCRC32 };
    });
    if (await isTaken()) {
      await client.send(new s3.AbortMultipartUploadCommand(upload));
      return false;
    }
    await send(() =>
      client.send(
        new s3.CompleteMultipartUploadCommand({ ...upload, IfNoneMatch, MultipartUpload: { Parts } }),
      ),
    );
    return true;
  } catch (error) {
    // Parts of an upload that is not completed cost money. The first error is the one to report.
    await client.send(new s3.AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

/** Calls `work` for each part of a file, a few at once. Returns the results in the order of the parts. */
async function inParts(
  path: string,
  size: number,
  partBytes: number,
  work: (number: number, bytes: Buffer) => Promise<CompletedPart>,
): Promise<CompletedPart[]> {
  await using file = await open(path, 'r');
  const parts = Array<CompletedPart>(Math.ceil(size / partBytes));
  let next = 0;
  let hasFailed = false;
  const takeParts = async () => {
    while (next < parts.length && !hasFailed) {
      const at = next++;
      const length = Math.min(partBytes, size - at * partBytes);
      const { buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at * partBytes);
      parts[at] = await work(at + 1, buffer);
    }
  };
  const taken = Array.from({ length: PARALLEL }, () =>
    takeParts().catch((error) => {
      hasFailed = true;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(taken);
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
  return parts;
}
