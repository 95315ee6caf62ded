/** RFC 3986 §2.3. Most values need no more than this look. */
const UNRESERVED = /^[\w.~-]*$/;

/**
 * A value as one segment of a path, or one name or value of a query: RFC 3986's unreserved characters stay, and those
 * that no URL parser would change. Halves of surrogate pairs become U+FFFD, as in any URL.
 */
export function encoded(value: string): string {
  if (UNRESERVED.test(value)) return value;
  return encodeURIComponent(value.toWellFormed()).replaceAll("'", '%27');
}
