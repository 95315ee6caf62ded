import { type JsonValue, query } from 'jsonpath-rfc9535';
import { FetchError, type Result } from '../../fetch/index.ts';
import { isNestedTooDeep, MOST_NESTED } from '../../trace/index.ts';

/** The first value at a JSON path (RFC 9535) of an answer's body; undefined where there is none. */
export function valueAt(result: Result, path: string): unknown {
  return query(jsonOf(result, path), path)[0];
}

function jsonOf(result: Result, path: string): JsonValue {
  if (isNestedTooDeep(result.text()))
    throw new FetchError(
      'bad-page',
      `the answer is nested more than ${MOST_NESTED} deep, so ${path} is not looked up in it`,
    );
  try {
    return JSON.parse(result.text()) as JsonValue;
  } catch (error) {
    throw new FetchError(
      'bad-page',
      `the answer is not JSON, so ${path} says no next page: ${(error as Error).message}`,
    );
  }
}
