import { StorageError } from '../storage/index.ts';

/** What is wrong with a queue, its server or a worker's place in a run: for the user, as it is. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}

/** The server of a queue is away, or does not answer as it should: what was asked of it is asked again. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(cause: unknown) {
    super(wordsOf(cause), { cause });
  }
}

/** Whether an error is one of a server or storage that is away for a while. The beat tells of it; what failed is asked for again. */
export function isPassing(error: unknown): boolean {
  return error instanceof ServerError || (error instanceof StorageError && error.isPassing);
}

/** What a library or the system says, in one line. */
export function wordsOf(error: unknown): string {
  // Where several addresses are tried, only the parts say what was wrong.
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || String(error)).split('\n', 1)[0]!.trim();
}
