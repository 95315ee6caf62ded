import type { Span } from './in-flight.ts';

/** A request that go-httpbin has answered. */
export interface Answered extends Span {
  /** What was asked for: '/delay/1?get=3'. */
  readonly uri: string;
}

/** What a line of its log in JSON says, which is written when an answer has gone out; null of other lines. */
export function answeredIn(line: string): Answered | null {
  if (!line.startsWith('{')) return null;
  const {
    time,
    uri,
    duration_ms: durationMs,
  } = JSON.parse(line) as {
    time: string;
    uri: string;
    duration_ms?: number;
  };
  if (durationMs === undefined) return null;
  const toMs = Date.parse(time);
  return { uri, fromMs: toMs - durationMs, toMs };
}
