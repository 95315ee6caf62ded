import type { Exchange } from '../../trace/index.ts';
import type { Attributes, Span } from './span.ts';

/**
 * What attributes of HTTP spans are called: today's name, then the names before (stable since 1.23 of the semantic
 * conventions, https://opentelemetry.io/docs/specs/semconv/http/http-spans/), and those of OpenTracing.
 */
const NAMES = {
  method: ['http.request.method', 'http.method'],
  url: ['url.full', 'http.url'],
  scheme: ['url.scheme', 'http.scheme'],
  host: ['server.address', 'net.peer.name', 'http.host', 'peer.hostname', 'net.peer.ip'],
  port: ['server.port', 'net.peer.port', 'peer.port'],
  path: ['url.path', 'http.target'],
  query: ['url.query'],
  status: ['http.response.status_code', 'http.status_code'],
  resends: ['http.request.resend_count', 'http.resend_count', 'http.retry_count'],
  route: ['http.route'],
  bytesUp: ['http.request.body.size', 'http.request_content_length'],
  bytesDown: ['http.response.body.size', 'http.response_content_length'],
  error: ['error.type', 'exception.type', 'error.kind'],
  file: ['code.file.path', 'code.filepath'],
  line: ['code.line.number', 'code.lineno'],
  function: ['code.function.name', 'code.function'],
  pid: ['process.pid', 'pid'],
} as const;

/** The value of an attribute, by whichever name it has; an empty one says nothing. */
function attributeOf(
  attributes: Attributes,
  what: keyof typeof NAMES,
): string | number | boolean | undefined {
  for (const name of NAMES[what]) {
    const value = attributes.get(name);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** A count or a code, also where it was written as text; undefined for what can be neither. */
export function numberOf(attributes: Attributes, what: keyof typeof NAMES): number | undefined {
  const number = Number(attributeOf(attributes, what) ?? Number.NaN);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

export function textOf(attributes: Attributes, what: keyof typeof NAMES): string | undefined {
  const value = attributeOf(attributes, what);
  return value === undefined ? undefined : String(value);
}

/** Whether a span is a request that its program sent by HTTP. */
export function isHttpCall({ kind, attributes }: Span): boolean {
  return (
    kind === 'client' && (['method', 'url'] as const).some((what) => textOf(attributes, what) !== undefined)
  );
}

/** What was requested; null where the span does not name the server. */
export function urlOf(attributes: Attributes): URL | null {
  const full = textOf(attributes, 'url');
  if (full !== undefined && URL.canParse(full) && /^https?:/i.test(full)) return new URL(full);
  const host = textOf(attributes, 'host');
  if (host === undefined) return null;
  const port = textOf(attributes, 'port');
  const scheme = textOf(attributes, 'scheme') ?? (port === '443' ? 'https' : 'http');
  const isAddress6 = host.includes(':') && !host.startsWith('[') && !/^[^:]*:\d+$/.test(host);
  const named = isAddress6 ? `[${host}]` : host;
  const authority = port === undefined || /[^:\]]:\d+$/.test(named) ? named : `${named}:${port}`;
  const query = textOf(attributes, 'query')?.replace(/^\?/, '');
  const path = `${textOf(attributes, 'path') ?? '/'}${query === undefined ? '' : `?${query}`}`;
  return URL.parse(path, `${scheme}://${authority}`);
}

/**
 * Events of a span that are steps of its request: those of abreast's own export, and those of browsers
 * (PerformanceResourceTiming), which @opentelemetry/instrumentation-fetch adds.
 */
const STEPS: ReadonlyMap<string, keyof Exchange & `${string}Us`> = new Map([
  ...(['wanted', 'called', 'dispatched', 'connected', 'sent', 'answered'] as const).map(
    (step) => [`abreast.${step}`, `${step}Us`] as const,
  ),
  ['domainLookupStart', 'dispatchedUs'],
  ['connectEnd', 'connectedUs'],
  ['requestStart', 'sentUs'],
  ['responseStart', 'answeredUs'],
]);

/** An attribute of the span of a run as abreast exports it: it is no unit of work. */
export const OF_RUN = 'abreast.run';

/** The steps that the events of a span tell, in microseconds since `startedUs`. */
export function stepsOf({ events }: Span, startedUs: number): Partial<Exchange> {
  return Object.fromEntries(
    events.flatMap(({ name, atUs }) => {
      const step = STEPS.get(name);
      return step === undefined ? [] : [[step, atUs - startedUs]];
    }),
  );
}

/** Whether all steps that were seen have an event: in what abreast exports. */
export function hasAllSteps({ events }: Span): boolean {
  return events.some(({ name }) => name.startsWith('abreast.'));
}

/** Why a request has no answer; null where it has one. */
export function errorOf({ attributes, events, failed }: Span): string | null {
  if (numberOf(attributes, 'status') !== undefined) return null;
  const said = textOf(attributes, 'error');
  if (!failed && said === undefined) return null;
  const thrown = events.flatMap((event) => textOf(event.attributes, 'error') ?? []);
  return said ?? thrown[0] ?? 'failed';
}
