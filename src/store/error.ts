import { reasonOf } from '../trace/index.ts';

/** Why results can't be stored. */
export type StoreFault =
  | 'exists' // an output is there, and nothing was said about it
  | 'locked' // another run writes to it
  | 'unusable' // it can't be opened, read or resumed
  | 'unwritable' // a write failed: a full disk, a lost mount
  | 'reader-gone'; // the reader of our output has closed it

/** What is wrong with an output and what to do: for the user, as it is. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly fault: StoreFault;

  constructor(fault: StoreFault, text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

const DISK_FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What the system says when it refuses `what`: 'out.jsonl: it can't be opened'. */
export function refused(what: string, error: unknown): StoreError {
  const isFull = DISK_FULL.includes((error as NodeJS.ErrnoException).code ?? '');
  return new StoreError(isFull ? 'unwritable' : 'unusable', `${what}: ${reasonOf(error)}.`, error);
}
