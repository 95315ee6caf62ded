/** The longest body of a request that is read (go-httpbin's limit as well). */
export const MAX_REQUEST_BODY = 1024 * 1024;

/** The longest body of an answer. go-httpbin stops at 100 KiB without a word. */
export const MAX_ANSWER_BODY = 1024 * 1024 * 1024;

/** The longest wait one can ask for; go-httpbin's is 10 s. */
export const MAX_WAIT_MS = 10_000;

/** Bytes that the kernel takes in one write; the end of a longer answer is when its last write is done. */
export const HANDED_OVER_AT_ONCE = 64 * 1024;

/** The server's own routes, which don't count as requests. */
export const NOT_COUNTED = /^\/stats(\/|$)/;
