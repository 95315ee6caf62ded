/**
 * OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): a request to a collector, what its file
 * exporter writes (such a value a line), or an answer of Jaeger's and Tempo's query API, which has it in `result`, or
 * calls its lists `batches`. Metrics and logs beside the spans are left out.
 */
import { z } from 'zod';
import { type Attributes, invalidSpan, type Service, type Span } from './span.ts';

const value = z.object({
  stringValue: z.string().optional(),
  intValue: z.union([z.string(), z.number()]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const attributes = z.array(z.object({ key: z.string(), value: value.optional() })).default([]);
/** As many digits as a fixed64 has that is a time before the year 2262. */
const time = z.union([z.string().regex(/^\d{1,19}$/), z.number().int().nonnegative().max(1e19)]);

const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string().default(''),
  kind: z.union([z.number(), z.string()]).default(0),
  startTimeUnixNano: time,
  endTimeUnixNano: time.default(0),
  attributes,
  events: z
    .array(z.object({ name: z.string().default(''), timeUnixNano: time.default(0), attributes }))
    .default([]),
  status: z.object({ code: z.union([z.number(), z.string()]).default(0) }).default({ code: 0 }),
});

const scopeSpans = z.object({ spans: z.array(z.unknown()).default([]) });
const resourceSpans = z.object({
  resource: z.object({ attributes }).default({ attributes: [] }),
  scopeSpans: z.array(scopeSpans).optional(),
  /** Before 2022. */
  instrumentationLibrarySpans: z.array(scopeSpans).optional(),
});
const beside = { resourceMetrics: z.unknown().optional(), resourceLogs: z.unknown().optional() };
const traces = z.object({ resourceSpans: z.array(resourceSpans).optional(), ...beside });
const answers = z.object({ result: traces });
const batches = z.object({ batches: z.array(resourceSpans) });

/** The spans of a value of such a file, and what is wrong with those that can't be used; null: it is something else. */
export function otlpSpans(json: unknown): readonly (Span | string)[] | null {
  const resources = resourcesOf(json);
  if (resources === null) return null;
  return resources.flatMap(({ resource, scopeSpans, instrumentationLibrarySpans }) => {
    const service = serviceOf(resource.attributes);
    const scopes = scopeSpans ?? instrumentationLibrarySpans ?? [];
    return scopes.flatMap(({ spans }) => spans.map((each) => spanOf(each, service)));
  });
}

type ResourceSpans = z.infer<typeof resourceSpans>;

function resourcesOf(json: unknown): readonly ResourceSpans[] | null {
  const direct = traces.safeParse(json).data ?? answers.safeParse(json).data?.result;
  if (direct?.resourceSpans !== undefined) return direct.resourceSpans;
  if (direct?.resourceMetrics !== undefined || direct?.resourceLogs !== undefined) return [];
  return batches.safeParse(json).data?.batches ?? null;
}

function serviceOf(list: z.infer<typeof attributes>): Service {
  const all = attributesOf(list);
  const name = String(all.get('service.name') ?? 'unknown_service');
  return { id: JSON.stringify([...all]), name, attributes: all };
}

function spanOf(json: unknown, service: Service): Span | string {
  const { data, error } = span.safeParse(json);
  if (data === undefined) return invalidSpan(error);
  const { traceId, spanId, parentSpanId, name, events, status } = data;
  const endUs = epochUs(data.endTimeUnixNano);
  return {
    id: `${traceId}-${spanId}`,
    ...(/[^0]/.test(parentSpanId) && { parent: `${traceId}-${parentSpanId}` }),
    name,
    kind: KINDS.get(data.kind) ?? 'internal',
    startUs: epochUs(data.startTimeUnixNano),
    endUs: endUs === 0 ? null : endUs,
    attributes: attributesOf(data.attributes),
    events: events.map((event) => ({
      name: event.name,
      atUs: epochUs(event.timeUnixNano),
      attributes: attributesOf(event.attributes),
    })),
    failed: status.code === 2 || status.code === 'STATUS_CODE_ERROR',
    service,
  };
}

/** Numbers, by the encoding; names, as some programs write them. */
const KINDS = new Map<string | number, Span['kind']>(
  (['internal', 'server', 'client', 'producer', 'consumer'] as const).flatMap((kind, at) => [
    [at + 1, kind] as [string | number, Span['kind']],
    [`SPAN_KIND_${kind.toUpperCase()}`, kind],
  ]),
);

/** Those attributes that have a value. */
function attributesOf(list: z.infer<typeof attributes>): Attributes {
  return new Map(
    list.flatMap(({ key, value }) => {
      const scalar = scalarOf(value);
      return scalar === undefined ? [] : [[key, scalar] as const];
    }),
  );
}

/** Microseconds of nanoseconds, which are more than a number can hold. */
function epochUs(nanoseconds: string | number): number {
  return Number(BigInt(nanoseconds) / 1_000n);
}

function scalarOf(given: z.infer<typeof value> | undefined): string | number | boolean | undefined {
  const { stringValue, intValue, doubleValue, boolValue } = given ?? {};
  return stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue));
}
