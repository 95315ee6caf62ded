/** Why a storage can't do what was asked of it. */
export type StorageFault =
  | 'address' // it is no address of a storage
  | 'credentials' // there are none, or they are wrong or expired
  | 'denied' // the credentials are valid, and do not allow it
  | 'missing' // the bucket, or the package that speaks to it, is not there
  | 'unwritable' // full or read-only
  | 'unreachable' // no answer, or only answers that say to try later
  | 'unsafe' // a second writer can replace a file that is written once
  | 'broken'; // its answers are wrong

/** What is wrong with a storage, and what to do. The message is shown to the user as it is. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly fault: StorageFault;

  constructor(fault: StorageFault, text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }

  /** Whether a later try may succeed without any change: the work can be given to another process. */
  get isPassing(): boolean {
    return this.fault === 'unreachable';
  }
}
