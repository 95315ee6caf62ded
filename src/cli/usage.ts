import type { StoreError } from '../store/index.ts';

/** What is wrong with the command line, for the user as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The errors whose message is all that a user needs. */
export function isForUser(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(Usage|Input|Store|Trace|Document|Report|Stages|Compare|Lambda|Storage|Chunk|Queue)Error$/.test(
      error.name,
    )
  );
}

/** The exit code of an error that ends a command before its work: bad usage, unless the output is what is wrong. */
export function exitCodeOf(error: Error): 2 | 3 | 4 {
  const { fault } = error as Partial<StoreError>;
  if (fault === 'locked') return 4;
  return fault === 'unwritable' ? 3 : 2;
}
