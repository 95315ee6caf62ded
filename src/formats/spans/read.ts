/**
 * Spans of tracing systems as a trace. HTTP client spans are the exchanges; a span within which they are made is a unit
 * of work. Left out: all other spans, links, metrics and logs.
 */
import { type Problem, type RunHeader, TRACE_VERSION, type TraceSource } from '../../trace/index.ts';
import { jaegerSpans } from './jaeger.ts';
import { otlpSpans } from './otlp.ts';
import { recordsOfSpans } from './records.ts';
import { isHttpCall } from './semantic-conventions.ts';
import type { Span } from './span.ts';

const PROBLEMS_KEPT = 20;

const READERS = { otlp: otlpSpans, jaeger: jaegerSpans } as const;

/**
 * Reads the values of a JSON file, the first of which was read already.
 * @returns null when that one holds no spans
 */
export async function readSpans(
  path: string,
  first: unknown,
  others: AsyncIterable<unknown>,
): Promise<TraceSource | null> {
  const format = (['otlp', 'jaeger'] as const).find((name) => READERS[name](first) !== null);
  if (format === undefined) return null;
  const spans = new Map<string, Span>();
  const problems: Problem[] = [];
  let problemCount = 0;
  const report = (text: string, value: number) => {
    problemCount++;
    if (problems.length < PROBLEMS_KEPT) problems.push({ where: `${path}: value ${value}`, text });
  };
  let count = 0;
  const take = (value: unknown) => {
    count++;
    const found = READERS[format](value);
    if (found === null) report('it holds no spans', count);
    for (const span of found ?? []) {
      if (typeof span === 'string') report(span, count);
      else spans.set(span.id, span); // an exporter that was not answered sends a span again
    }
  };
  take(first);
  for await (const value of others) take(value);
  const startedUs = startOf(spans);
  return {
    path,
    run: runOf(format, startedUs),
    problems,
    problemCount,
    cutShort: false,
    async *[Symbol.asyncIterator]() {
      yield* recordsOfSpans(spans, startedUs);
    },
  };
}

/** When the first request began, or that which made it. */
function startOf(spans: ReadonlyMap<string, Span>): number {
  let earliest = Infinity;
  for (const span of spans.values()) {
    if (!isHttpCall(span)) continue;
    const parent = spans.get(span.parent ?? '');
    earliest = Math.min(earliest, span.startUs, parent?.startUs ?? Infinity);
  }
  return earliest === Infinity ? 0 : earliest;
}

function runOf(format: string, startedUs: number): RunHeader {
  return {
    kind: 'run',
    version: TRACE_VERSION,
    startedUs,
    command: [],
    recorders: [{ name: format, version: '1', sees: SEES, missed: MISSED }],
  };
}

const SEES = ['exchange', 'unit', 'wantedUs', 'calledUs', 'readUs'];

const MISSED =
  'a span says when a request was called and when it ended, not when it was sent: time in which a thread or a loop is blocked looks like time of the server. `abreast watch` sees the difference';
