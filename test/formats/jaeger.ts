interface OtlpValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly boolValue?: boolean;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly OtlpAttribute[];
}

/** OTLP/JSON as Jaeger's UI downloads it once it has taken it in. */
export interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];

/** What Jaeger makes of OTLP (its translator writes the kind as a tag, and times in microseconds). */
export function jaegerOf({ resourceSpans }: Otlp): object {
  const spans = resourceSpans.flatMap(({ scopeSpans }, process) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => {
        const startTime = Number(BigInt(span.startTimeUnixNano) / 1000n);
        return {
          traceID: span.traceId,
          spanID: span.spanId,
          flags: 1,
          operationName: span.name,
          references: span.parentSpanId
            ? [{ refType: 'CHILD_OF', traceID: span.traceId, spanID: span.parentSpanId }]
            : [],
          startTime,
          duration: Number(BigInt(span.endTimeUnixNano) / 1000n) - startTime,
          tags: [
            ...span.attributes.map(tagOf),
            { key: 'span.kind', type: 'string', value: KINDS[span.kind] },
          ],
          logs: [],
          processID: `p${process + 1}`,
          warnings: null,
        };
      }),
    ),
  );
  const processes = Object.fromEntries(
    resourceSpans.map(({ resource }, at) => [
      `p${at + 1}`,
      { serviceName: 'report', tags: resource.attributes.map(tagOf) },
    ]),
  );
  return { data: [{ traceID: spans[0]!.traceID, spans, processes, warnings: null }], total: 0, errors: null };
}

function tagOf({ key, value: { stringValue, intValue, boolValue } }: OtlpAttribute) {
  if (intValue !== undefined) return { key, type: 'int64', value: Number(intValue) };
  return boolValue === undefined
    ? { key, type: 'string', value: stringValue }
    : { key, type: 'bool', value: boolValue };
}
