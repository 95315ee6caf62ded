/** The longest body of a request that is read; go-httpbin's limit as well. */
export const MAX_REQUEST_BODY = 1024 * 1024;

/** The longest body of an answer. go-httpbin stops at 100 KiB without a word. */
export const MAX_ANSWER_BODY = 1024 * 1024 * 1024;

/** The longest wait one can ask for; go-httpbin's as well. */
export const MAX_WAIT_MS = 10_000;

/** An answer up to this long is in the kernel when it was written; a longer one when its last write is done. */
export const HANDED_OVER_AT_ONCE = 64 * 1024;
