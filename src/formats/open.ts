import { open } from 'node:fs/promises';
import { readTrace, reasonOf, TraceError, type TraceSource } from '../trace/index.ts';
import type { HarDocument } from './har/read.ts';
import { jsonValues } from './json-values.ts';

/**
 * Opens a trace of abreast, a HAR file, or the spans of a tracing system: OTLP/JSON or Jaeger JSON. Its content shows what it is.
 * @throws TraceError when it can't be read, or is none of these.
 */
export async function openTraceFile(path: string): Promise<TraceSource> {
  const beginning = await beginningOf(path);
  if (path.endsWith('.zst') || beginning === '' || OF_TRACES.test(beginning)) return readTrace(path);
  if (!OF_JSON.test(beginning)) throw foreign(path);
  return fromValues(path, jsonValues(path));
}

/** A first line with a kind; or what zstd writes, of which readTrace knows what to say. */
const OF_TRACES = /^\uFEFF?\s*\{\s*"kind"|^\u0028\uFFFD\/\uFFFD/;
const OF_JSON = /^\uFEFF?\s*[{[]/;
const SHOWING = 256;

async function beginningOf(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SHOWING), 0, SHOWING, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    throw new TraceError(`${path}: the file can't be read: ${reasonOf(error)}`, { cause: error });
  }
}

async function fromValues(path: string, values: AsyncGenerator<unknown>): Promise<TraceSource> {
  const { value, done } = await values.next();
  if (done) throw foreign(path);
  // zod is loaded for these alone.
  if (isObject(value) && 'log' in value)
    return (await import('./har/read.ts')).readHar(path, value as unknown as HarDocument);
  const { readSpans } = await import('./spans/read.ts');
  const source = await readSpans(path, value, values);
  if (source === null) throw foreign(path, value);
  return source;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function foreign(path: string, value?: unknown): TraceError {
  return new TraceError(
    `${path}: ${otherFormat(value) ?? 'no format that abreast knows'}. It reads traces of abreast, HAR, OTLP/JSON and Jaeger JSON.`,
  );
}

/** What people have that looks alike. */
function otherFormat(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  if ('traceEvents' in value || 'ph' in first(value))
    return 'this is Trace Event JSON, which has no requests';
  if ('traceId' in first(value) && 'localEndpoint' in first(value)) return 'this is Zipkin JSON';
  return undefined;
}

function first(value: object): object {
  const one: unknown = Array.isArray(value) ? value[0] : undefined;
  return isObject(one) ? one : {};
}
