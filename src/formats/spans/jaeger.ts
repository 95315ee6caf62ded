/**
 * Jaeger JSON, as its UI downloads it and `/api/traces` answers
 * (https://github.com/jaegertracing/jaeger-idl/blob/main/model/json): traces with their spans and processes. Times are in
 * microseconds.
 */
import { z } from 'zod';
import { type Attributes, invalidSpan, type Service, type Span } from './span.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const tags = z
  .array(z.object({ key: z.string(), value: z.unknown() }))
  .nullish()
  .transform((list) => list ?? []);

const microseconds = z.number().nonnegative().max(1e16).transform(Math.round);

const span = z.object({
  traceID: z.string(),
  spanID: z.string(),
  operationName: z.string().default(''),
  references: z
    .array(z.object({ refType: z.string().default('CHILD_OF'), traceID: z.string(), spanID: z.string() }))
    .nullish(),
  /** Before references. */
  parentSpanID: z.string().optional(),
  startTime: microseconds,
  duration: microseconds,
  tags,
  logs: z.array(z.object({ timestamp: microseconds, fields: tags })).nullish(),
  processID: z.string().optional(),
});

const trace = z.object({
  spans: z.array(z.unknown()),
  processes: z.record(z.string(), z.object({ serviceName: z.string().default(''), tags })).default({}),
});
const traces = z.object({ data: z.array(trace) });

/** The spans of a value of such a file, and what is wrong with those that can't be used; null: it is something else. */
export function jaegerSpans(json: unknown): readonly (Span | string)[] | null {
  const { data } = traces.safeParse(json);
  if (data === undefined) return null;
  return data.data.flatMap(({ spans, processes }) => {
    const services = new Map(
      Object.entries(processes).map(([id, { serviceName, tags }]) => [
        id,
        serviceOf(serviceName, attributesOf(tags)),
      ]),
    );
    return spans.map((each) => spanOf(each, services));
  });
}

const NOBODY: Service = { id: '', name: 'unknown_service', attributes: new Map() };

function serviceOf(name: string, attributes: Attributes): Service {
  return { id: JSON.stringify([name, ...attributes]), name, attributes };
}

function spanOf(json: unknown, services: ReadonlyMap<string, Service>): Span | string {
  const { data, error } = span.safeParse(json);
  if (data === undefined) return invalidSpan(error);
  const { traceID, spanID, startTime, duration, logs, processID = '' } = data;
  const attributes = attributesOf(data.tags);
  const parent = parentOf(data);
  return {
    id: `${traceID}-${spanID}`,
    ...(parent !== undefined && { parent }),
    name: data.operationName,
    kind: kindOf(attributes.get('span.kind')),
    startUs: startTime,
    endUs: startTime + duration,
    attributes,
    events: (logs ?? []).map(({ timestamp, fields }) => {
      const said = attributesOf(fields);
      return {
        name: String(said.get('event') ?? said.get('message') ?? ''),
        atUs: timestamp,
        attributes: said,
      };
    }),
    failed: String(attributes.get('error')) === 'true' || attributes.get('otel.status_code') === 'ERROR',
    service: services.get(processID) ?? NOBODY,
  };
}

function parentOf({ references, traceID, parentSpanID = '' }: z.infer<typeof span>): string | undefined {
  const parent = references?.find(({ refType }) => refType === 'CHILD_OF');
  if (parent !== undefined) return `${parent.traceID}-${parent.spanID}`;
  return /[^0]/.test(parentSpanID) ? `${traceID}-${parentSpanID}` : undefined;
}

const KINDS: readonly Span['kind'][] = ['server', 'client', 'producer', 'consumer'];

function kindOf(tag: unknown): Span['kind'] {
  return KINDS.find((kind) => kind === tag) ?? 'internal';
}

function attributesOf(list: z.infer<typeof tags>): Attributes {
  return new Map(
    list.flatMap(({ key, value }) => {
      const { data } = scalar.safeParse(value);
      return data === undefined ? [] : [[key, data] as const];
    }),
  );
}
