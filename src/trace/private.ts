import type { FileHandle } from 'node:fs/promises';

/** What file systems say that have no modes. */
const NO_MODES = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * Makes an existing regular file readable only by its owner; devices and pipes do not change.
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
