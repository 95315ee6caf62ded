/** When a request came in and its answer went out, in milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How many were in flight: the mean over the time in which any was, and the most. null of no spans. */
export function inFlightOf(spans: readonly Span[]): { mean: number; max: number } | null {
  if (spans.length === 0) return null;
  const events = spans
    .flatMap(({ fromMs, toMs }) => [
      { atMs: fromMs, change: 1 },
      { atMs: toMs, change: -1 },
    ])
    .sort((one, other) => one.atMs - other.atMs || one.change - other.change);
  let now = 0;
  let max = 0;
  let lastMs = 0;
  let busyMs = 0;
  let sumMs = 0;
  for (const { atMs, change } of events) {
    if (now > 0) busyMs += atMs - lastMs;
    sumMs += now * (atMs - lastMs);
    lastMs = atMs;
    now += change;
    max = Math.max(max, now);
  }
  return { mean: busyMs === 0 ? max : sumMs / busyMs, max };
}

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
