import { resolve } from 'node:path';
import { StorageError } from './error.ts';
import { FolderStorage } from './folder.ts';
import type { Storage } from './storage.ts';

/** Opens a folder; nothing is read or written yet. @throws StorageError */
export async function openStorage(address: string): Promise<Storage> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) return new FolderStorage(resolve(address));
  throw new StorageError('address', `${scheme}:// is no place for results; give a folder.`);
}
