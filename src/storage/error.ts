/** Why a storage can't do what was asked of it. */
export type StorageFault =
  | 'address' // it is no address of a storage
  | 'credentials' // there are none, or they are wrong or expired
  | 'denied' // they are right, and do not allow it
  | 'missing' // the bucket, or the package that speaks to it, is not there
  | 'unwritable' // full or read-only
  | 'unreachable' // no answer, or one that says to come back later, after all tries
  | 'unsafe' // it lets a second writer replace what was to be written once
  | 'broken'; // it answers what it should not

/** What is wrong with a storage and what to do: for the user, as it is. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly fault: StorageFault;

  constructor(fault: StorageFault, text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }

  /** Whether the same may work later without anybody doing something: the work can be given to another process. */
  get isPassing(): boolean {
    return this.fault === 'unreachable';
  }
}
