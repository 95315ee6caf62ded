/**
 * A trace as spans in OTLP/JSON, a value a line (https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/): the run is
 * a span, in it the units of work, and in these the exchanges, whose steps are events. Left out: what threads waited for.
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { askingLine, timesOf } from '../../diagnose/index.ts';
import type { Exchange, RunHeader, Stack, Unit } from '../../trace/index.ts';
import { batchesOf, type Recorded, type Surroundings, startOf, surroundingsOf } from '../recorded.ts';
import { OF_RUN } from './semantic-conventions.ts';

const STEPS = ['wanted', 'called', 'dispatched', 'connected', 'sent', 'answered'] as const;
/** As the protocol numbers them. */
const KINDS = { internal: 1, server: 2, client: 3 } as const;
/** Spans in one line: readers hold a line in memory. */
const AT_ONCE = 1_000;

/** The text of the file, in pieces. */
export async function* otlpText(recorded: Recorded, version: string): AsyncGenerator<string> {
  const surroundings = await surroundingsOf(recorded);
  const { run } = surroundings;
  const made = new Spans(surroundings);
  yield lineOf(run, undefined, [made.ofRun()], version);
  for await (const batch of batchesOf(recorded)) {
    const records = batch.filter((record) => record.kind === 'exchange' || record.kind === 'unit');
    for (const [pid, own] of Map.groupBy(records, (record) => record.pid))
      for (let at = 0; at < own.length; at += AT_ONCE) {
        const spans = own.slice(at, at + AT_ONCE).flatMap((record) => made.of(record) ?? []);
        if (spans.length > 0) yield lineOf(run, pid, spans, version);
      }
  }
}

function lineOf(run: RunHeader, pid: number | undefined, spans: readonly object[], version: string): string {
  const resource = attributesOf({
    'service.name': basename(run.command[0] ?? '') || run.recorders[0]?.name,
    'process.pid': pid,
    'process.command_line': run.command.join(' '),
  });
  const scopeSpans = [{ scope: { name: 'abreast', version }, spans }];
  return `${JSON.stringify({ resourceSpans: [{ resource: { attributes: resource }, scopeSpans }] })}\n`;
}

/** Makes spans of the records of a run. */
class Spans {
  readonly #run: RunHeader;
  readonly #endedUs: number;
  readonly #units: ReadonlySet<number>;
  readonly #stacks: ReadonlyMap<number, Stack>;
  readonly #traceId: string;

  constructor({ run, endedUs, units, stacks }: Surroundings) {
    this.#run = run;
    this.#endedUs = endedUs;
    this.#units = units;
    this.#stacks = stacks;
    const name = JSON.stringify([run.startedUs, run.command]);
    this.#traceId = createHash('sha256').update(name).digest('hex').slice(0, 32);
  }

  ofRun(): object {
    const { command, recorders } = this.#run;
    return this.#span({
      spanId: RUN,
      name: command.join(' ') || 'run',
      kind: 'internal',
      fromUs: 0,
      toUs: this.#endedUs,
      attributes: { [OF_RUN]: true, 'abreast.recorders': recorders.map(({ name }) => name).join(' ') },
    });
  }

  /** undefined where its times are not known. */
  of(record: Exchange | Unit): object | undefined {
    return record.kind === 'exchange' ? this.#ofExchange(record) : this.#ofUnit(record);
  }

  #ofUnit(unit: Unit): object | undefined {
    const { id, type, parent, method, route, endedUs } = unit;
    const fromUs = startOf(unit);
    if (fromUs === null) return undefined;
    return this.#span({
      spanId: idOf('unit', id),
      parentSpanId: this.#around(parent),
      name: route === undefined ? type : `${method ?? ''} ${route}`.trim(),
      kind: type === 'served-request' ? 'server' : 'internal',
      fromUs,
      toUs: endedUs ?? this.#endedUs,
      attributes: { 'http.request.method': method, 'http.route': route, 'abreast.unit.type': type },
    });
  }

  #ofExchange(exchange: Exchange): object | undefined {
    const { id, method = 'GET', origin, url = origin, status, error, unit, attempt = 1 } = exchange;
    const times = timesOf(exchange);
    if (times === undefined) return undefined;
    const server = URL.parse(origin);
    const span = this.#span({
      spanId: idOf('exchange', id),
      parentSpanId: this.#around(unit),
      name: method,
      kind: 'client',
      fromUs: times.wanted,
      toUs: times.end,
      attributes: {
        'http.request.method': method,
        'url.full': url,
        'server.address': server?.hostname.replace(/^\[(.*)\]$/, '$1'),
        'server.port': Number(server?.port) || (origin.startsWith('https:') ? 443 : 80),
        'http.response.status_code': status ?? undefined,
        'error.type': error ?? (isRefusal(status) ? String(status) : undefined),
        'http.request.resend_count': attempt > 1 ? attempt - 1 : undefined,
        'http.response.body.size': exchange.bytesDown,
        'thread.id': exchange.thread,
        ...codeOf(this.#stacks.get(exchange.stack ?? -1)),
      },
    });
    const events = STEPS.flatMap((step) => {
      const us = exchange[`${step}Us`];
      return us == null ? [] : [{ name: `abreast.${step}`, timeUnixNano: this.#nanoseconds(us) }];
    });
    const isFailed = typeof error === 'string' || isRefusal(status);
    return { ...span, events, ...(isFailed && { status: { code: 2 } }) };
  }

  #around(unit: number | undefined): string {
    return unit !== undefined && this.#units.has(unit) ? idOf('unit', unit) : RUN;
  }

  #span({ kind, fromUs, toUs, attributes, ...names }: Made): object {
    return {
      traceId: this.#traceId,
      ...names,
      kind: KINDS[kind],
      startTimeUnixNano: this.#nanoseconds(fromUs),
      endTimeUnixNano: this.#nanoseconds(Math.max(fromUs, Math.min(toUs, this.#endedUs))),
      attributes: attributesOf(attributes),
    };
  }

  #nanoseconds(us: number): string {
    return `${Math.round(this.#run.startedUs + us)}000`;
  }
}

interface Made {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: keyof typeof KINDS;
  readonly fromUs: number;
  readonly toUs: number;
  readonly attributes: Attributes;
}

function codeOf(stack: Stack | undefined): Attributes {
  const [, file, line] = /^(.*):(\d+)$/.exec(askingLine(stack) ?? '') ?? [];
  return file === undefined ? {} : { 'code.file.path': file, 'code.line.number': Number(line) };
}

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

function attributesOf(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  return typeof value === 'number' ? { intValue: String(value) } : { boolValue: value };
}

/** Eight bytes, none of which may be all there is of zeros. */
function idOf(kind: 'run' | 'unit' | 'exchange', id: number): string {
  return { run: '01', unit: '02', exchange: '03' }[kind] + id.toString(16).padStart(14, '0');
}

const RUN = idOf('run', 0);

/** Answers that the conventions count as errors of the client span. */
function isRefusal(status: number | null | undefined): boolean {
  return (status ?? 0) >= 400;
}
