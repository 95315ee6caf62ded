import { resolve } from 'node:path';
import { StorageError } from './error.ts';
import { FolderStorage } from './folder.ts';
import { parseS3 } from './s3/address.ts';
import { openS3 } from './s3/client.ts';
import { S3Storage } from './s3/storage.ts';
import type { Storage } from './storage.ts';

/** How a storage is used. */
export interface StorageOptions {
  /** How long temporary failures are retried, after the first tries. Default: a minute. */
  readonly patienceMs?: number;
}

/** Opens a folder, or `s3://bucket/prefix`; nothing is read or written yet. @throws StorageError */
export async function openStorage(address: string, { patienceMs }: StorageOptions = {}): Promise<Storage> {
  const [, name, slashes] = /^([a-z][a-z0-9+.-]+):(\/+)/i.exec(address) ?? [];
  if (name === undefined) return new FolderStorage(resolve(address));
  const scheme = name.toLowerCase();
  if (scheme === 's3' && slashes === '//') {
    const parsed = parseS3(address);
    return new S3Storage(await openS3(), parsed, patienceMs);
  }
  throw new StorageError(
    'address',
    `${scheme}:${slashes} is no place for results; give a folder, or s3://bucket/prefix.`,
  );
}
