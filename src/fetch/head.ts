import { FetchError } from './errors.ts';
import type { Fields } from './fields.ts';

/** Bytes of a head, at most; other clients allow 16 KiB (Node) to 300 KiB (curl). */
export const MAX_HEAD = 64 * 1024;

/** The head of one answer, read and checked. */
export interface Head {
  readonly status: number;
  /** Shared by all answers with this head. */
  readonly headers: Fields;
}

/** The error for a head of more than MAX_HEAD bytes. */
export function headTooLong(): FetchError {
  return new FetchError('bad-header', `the head of the answer is longer than ${MAX_HEAD / 1024} KiB`);
}
