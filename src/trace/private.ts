import type { FileHandle } from 'node:fs/promises';

/** What file systems say that have no modes. */
const NO_MODES = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Makes a regular file that was there before readable by its owner alone; devices and pipes stay as they are.
 * @throws the system's error if the user does not own the file
 */
export async function makePrivate(file: FileHandle): Promise<void> {
  const found = await file.stat();
  if (!found.isFile() || (found.mode & 0o077) === 0) return;
  try {
    await file.chmod(0o600);
  } catch (error) {
    if (!NO_MODES.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
