import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openTraceFile } from '../../src/formats/index.ts';
import type { Exchange, TraceRecord, Unit } from '../../src/trace/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'abreast-spans-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A file with this content. */
export function fileOf(content: unknown): string {
  const path = join(folder, `${files++}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** A span of a test: times in milliseconds. */
export interface GivenSpan {
  readonly id: string;
  readonly parent?: string;
  readonly kind?: number | string;
  readonly name?: string;
  readonly from: number;
  readonly to: number;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly events?: readonly { readonly name: string; readonly at: number }[];
  readonly failed?: boolean;
  readonly service?: string;
}

/** A client span as instrumentations of today write it. */
export function call(id: string, from: number, to: number, given: Partial<GivenSpan> = {}): GivenSpan {
  const attributes = {
    'http.request.method': 'GET',
    'url.full': `https://example.com/${id}`,
    'http.response.status_code': 200,
    ...given.attributes,
  };
  return { kind: 3, from, to, ...given, id, attributes };
}

/** Spans as OTLP/JSON, a resource for each service. */
export function otlpOf(...spans: readonly GivenSpan[]): object {
  const services = Map.groupBy(spans, ({ service = 'report' }) => service);
  return {
    resourceSpans: [...services].map(([service, own]) => ({
      resource: { attributes: attributesOf({ 'service.name': service }) },
      scopeSpans: [{ scope: { name: 'test' }, spans: own.map(spanOf) }],
    })),
  };
}

function spanOf({
  id,
  parent,
  kind = 1,
  name = id,
  from,
  to,
  attributes = {},
  events = [],
  failed,
}: GivenSpan) {
  return {
    traceId: '00',
    spanId: id,
    ...(parent !== undefined && { parentSpanId: parent }),
    name,
    kind,
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(to),
    attributes: attributesOf(attributes),
    events: events.map((event) => ({ name: event.name, timeUnixNano: nanoseconds(event.at) })),
    ...(failed && { status: { code: 2 } }),
  };
}

const nanoseconds = (ms: number) => String(1_790_000_000_000_000_000n + BigInt(ms) * 1_000_000n);

function attributesOf(attributes: Readonly<Record<string, string | number | boolean>>) {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'number'
          ? { intValue: String(value) }
          : { boolValue: value },
  }));
}

/** The records of a file with this content. */
export async function recordsOf(content: unknown): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for await (const batch of await openTraceFile(fileOf(content))) records.push(...batch);
  return records;
}

/** The exchanges of spans, by the last part of their URLs. */
export async function exchangesOf(...spans: readonly GivenSpan[]): Promise<Record<string, Exchange>> {
  const records = await recordsOf(otlpOf(...spans));
  return Object.fromEntries(
    records.flatMap((record) =>
      record.kind === 'exchange' ? [[record.url!.replace(/^.*\//, ''), record] as const] : [],
    ),
  );
}

/** The units of work of spans. */
export async function unitsOf(...spans: readonly GivenSpan[]): Promise<readonly Unit[]> {
  return (await recordsOf(otlpOf(...spans))).filter((record) => record.kind === 'unit');
}
