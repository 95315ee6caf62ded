import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from './error.ts';

/** A folder with a file for each body, named by the result's index. */
export interface BodyFolder {
  write(index: number, body: Buffer): Promise<void>;
}

/** Makes the folder where it is missing. @throws StoreError when it can't be made. */
export async function openBodyFolder(folder: string): Promise<BodyFolder> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError('unusable', `--bodies ${folder}: ${(error as Error).message}.`, error);
  }
  return {
    async write(index, body) {
      try {
        await writeFile(join(folder, String(index)), body, { mode: 0o600 });
      } catch (error) {
        throw new StoreError('unwritable', `--bodies ${folder}: ${(error as Error).message}.`, error);
      }
    },
  };
}
