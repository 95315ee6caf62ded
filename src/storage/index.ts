/**
 * Files by name in a place that many processes reach, a folder or S3: each is there whole or not at all.
 *
 * 1. `open.ts` opens an address; `storage.ts` says what a storage can do, `name.ts` what a name is.
 * 2. A folder (`folder.ts`) writes a scratch file, and gives it its name when it is on the disk: by a hard link, which
 *    fails where the name is taken.
 * 3. S3 (`s3/storage.ts`) writes with If-None-Match. Each write has an id in the object's metadata, by which a write
 *    whose answer was lost is known as our own. `s3/client.ts` loads AWS's client, `s3/patience.ts` tries for a minute
 *    what may pass, `s3/upload.ts` uploads large files in parts, `s3/resumed.ts` reads on where a body was cut.
 * 4. `probe.ts` tries all of it before a run. What fails is a `StorageError`: for the user, as it is (`s3/fault.ts`).
 */
export { StorageError, type StorageFault } from './error.ts';
export { isS3, openFile, type StoredFile, splitFile } from './file-address.ts';
export { openStorage, type StorageOptions } from './open.ts';
export type { Content, Storage } from './storage.ts';
