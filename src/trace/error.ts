/** A trace that can't be read or written: where, what, and what to do. The command that was given it ends with 2. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

/** The reason in words that a system error gives, without its call and path. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS.get(code) ?? message;
}

const REASONS: ReadonlyMap<string | undefined, string> = new Map(
  Object.entries({
    ENOENT: 'no such file or folder',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'the file is as large as it may be (ulimit -f)',
    EMFILE: 'too many files are open (ulimit -n)',
  }),
);
