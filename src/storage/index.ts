/**
 * Files by name in a place that many processes reach, a folder or S3: each is there whole or not at all.
 *
 * 1. `open.ts` opens an address; `storage.ts` says what a storage can do, `name.ts` what a name is.
 * 2. A folder (`folder.ts`) writes a scratch file to the disk. Then it gives the file its name by a hard link, which fails
 *    if the name is taken.
 * 3. S3 (`s3/storage.ts`) writes with If-None-Match. Each write has an id in the object's metadata, so that a
 *    writer recognizes its own write after the answer was lost. `s3/client.ts` loads AWS's client, `s3/patience.ts` retries
 *    temporary failures for a minute, `s3/upload.ts` uploads large files in parts, `s3/resumed.ts` continues a download
 *    that broke off.
 * 4. `probe.ts` tries all of it before a run. Each failure is a `StorageError` with a message for the user (`s3/fault.ts`).
 */
export { StorageError, type StorageFault } from './error.ts';
export { isS3, openFile, type StoredFile, splitFile } from './file-address.ts';
export { openStorage, type StorageOptions } from './open.ts';
export type { Content, Storage } from './storage.ts';
