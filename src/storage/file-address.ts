import { StorageError } from './error.ts';
import { isName } from './name.ts';
import { openStorage, type StorageOptions } from './open.ts';
import { parseS3 } from './s3/address.ts';
import type { Storage } from './storage.ts';

/** A storage, and the name of one file in it. */
export interface StoredFile {
  readonly storage: Storage;
  readonly name: string;
}

/** Whether a text is the address of a file or folder in S3. */
export function isS3(address: string): boolean {
  return /^s3:\/\//i.test(address);
}

/** Opens the place of a file in S3, `s3://bucket/folder/name`; nothing is asked yet. @throws StorageError */
export async function openFile(address: string, options?: StorageOptions): Promise<StoredFile> {
  const { folder, name } = splitFile(address);
  return { storage: await openStorage(folder, options), name };
}

/** Splits the address of a file in S3 into its folder and name. @throws StorageError for another address */
export function splitFile(address: string): { readonly folder: string; readonly name: string } {
  const { bucket, key } = parseS3(address);
  const cut = key.lastIndexOf('/');
  const name = key.slice(cut + 1);
  if (!isName(name) || address.endsWith('/'))
    throw new StorageError('address', `'${address}' names no file; expected s3://bucket/folder/name.`);
  return { folder: `s3://${bucket}/${key.slice(0, Math.max(cut, 0))}`, name };
}
