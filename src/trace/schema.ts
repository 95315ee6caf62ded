import { z } from 'zod';
import {
  BECAUSE,
  type Frame,
  type Host,
  LIMIT_KINDS,
  type Limit,
  type Lost,
  type Module,
  type Patch,
  PROTOCOLS,
  RESOURCE_TYPES,
  type Recorder,
  type RecordKind,
  TRACE_VERSION,
  type TraceRecord,
  UNIT_TYPES,
  WAIT_KINDS,
  type Wait,
} from './records.ts';

/**
 * The records as a schema, for authors of recorders: `judge --check`, schema/trace.json. The types of records.ts say
 * which fields there are; this file does not compile where it differs from them.
 */

type Of<K extends RecordKind> = Extract<TraceRecord, { readonly kind: K }>;
/** A schema for each field of a type, optional where the field is. */
type Fields<Type> = {
  readonly [Name in keyof Type]-?: object extends Pick<Type, Name>
    ? z.ZodOptional<z.ZodType<Exclude<Type[Name], undefined>>>
    : z.ZodType<Type[Name]>;
};

function record<K extends RecordKind>(kind: K, fields: Fields<Omit<Of<K>, 'kind'>>) {
  return z.strictObject({ kind: z.literal(kind), ...fields });
}

function object<Type>(fields: Fields<Type>): z.ZodType<Type> {
  return z.strictObject(fields) as unknown as z.ZodType<Type>;
}

const id = z.int().min(0);
const count = z.int().min(0);
/** Microseconds since `RunHeader.startedUs`; what was under way before then is below 0. */
const us = z.int();
const durationUs = z.int().min(0);
const text = z.string();
const texts = z.array(text);

const recorder = object<Recorder>({
  name: text,
  version: text,
  sees: texts,
  missed: text.optional(),
});

const frame = object<Frame>({
  function: text.optional(),
  file: text,
  line: z.int().min(0),
  self: text.optional(),
});

const wait = object<Wait>({
  kind: z.enum(WAIT_KINDS),
  call: text,
  connections: z.array(id).optional(),
  descriptors: count.optional(),
  resource: id.optional(),
  unit: id.optional(),
});

const module = object<Module>({ name: text, version: text.optional(), where: text.optional() });

const patch = object<Patch>({
  target: text,
  by: text,
  version: text.optional(),
  replacement: text.nullable().optional(),
  left: texts.optional(),
  heldBy: texts.optional(),
  at: text.optional(),
});

const limit = object<Limit>({
  kind: z.enum(LIMIT_KINDS),
  size: z.number(),
  of: text,
  blocks: z.boolean().optional(),
  setAt: text.optional(),
});

/** By kind. */
export const RECORD_SCHEMAS = {
  run: record('run', {
    version: z.literal(TRACE_VERSION),
    startedUs: z.int().min(0),
    command: texts,
    recorders: z.array(recorder),
    host: object<Host>({
      os: text,
      kernel: text.optional(),
      cpus: count,
    }).optional(),
    wanted: count.optional(),
  }),
  process: record('process', {
    pid: id,
    parent: id.optional(),
    group: id.optional(),
    startedUs: us.optional(),
    endedUs: us.nullable().optional(),
    argv: texts.optional(),
    exitCode: z.int().nullable().optional(),
    cpuUs: durationUs.optional(),
    runQueueUs: durationUs.optional(),
    throttledUs: durationUs.optional(),
  }),
  unit: record('unit', {
    id,
    pid: id,
    type: z.enum(UNIT_TYPES),
    parent: id.optional(),
    madeUs: us.optional(),
    begunUs: us.nullable().optional(),
    endedUs: us.nullable().optional(),
    madeAt: id.optional(),
    method: text.optional(),
    route: text.optional(),
  }),
  connection: record('connection', {
    id,
    pid: id.optional(),
    thread: id.optional(),
    origin: text,
    local: text.optional(),
    remote: text.optional(),
    dnsFromUs: us.nullable().optional(),
    dnsToUs: us.nullable().optional(),
    dnsNames: count.optional(),
    connectingUs: us.optional(),
    connectedUs: us.nullable().optional(),
    tlsStartUs: us.nullable().optional(),
    tlsDoneUs: us.nullable().optional(),
    tlsVersion: text.nullable().optional(),
    protocol: z.enum(PROTOCOLS).optional(),
    socketClass: text.optional(),
  }),
  connectionClosed: record('connectionClosed', { id, atUs: us }),
  exchange: record('exchange', {
    id,
    request: id.optional(),
    attempt: z.int().min(1).optional(),
    because: z.enum(BECAUSE).optional(),
    pid: id.optional(),
    thread: id.optional(),
    unit: id.optional(),
    connection: id.nullable().optional(),
    ordinal: count.nullable().optional(),
    method: text.optional(),
    origin: text,
    url: text.optional(),
    wantedUs: us.nullable().optional(),
    calledUs: us.nullable().optional(),
    dispatchedUs: us.nullable().optional(),
    connectedUs: us.nullable().optional(),
    sentUs: us.nullable().optional(),
    answeredUs: us.nullable().optional(),
    readUs: us.nullable().optional(),
    failedUs: us.optional(),
    status: z.int().nullable().optional(),
    bytesUp: count.optional(),
    bytesDown: count.optional(),
    error: text.nullable().optional(),
    stack: id.optional(),
    estimated: texts.optional(),
    from: z.array(id).optional(),
    unread: z.boolean().optional(),
    retryAfterSeconds: z.number().min(0).optional(),
  }),
  stack: record('stack', { id, frames: z.array(frame) }),
  resource: record('resource', {
    id,
    pid: id.optional(),
    type: z.enum(RESOURCE_TYPES),
    name: text.optional(),
    capacity: z.number().min(0).nullable().optional(),
    setAt: id.optional(),
    package: text.optional(),
  }),
  hold: record('hold', { resource: id, unit: id.optional(), fromUs: us, toUs: us.nullable() }),
  ready: record('ready', { connection: id, atUs: us, what: z.enum(['writable', 'readable', 'closed']) }),
  block: record('block', {
    pid: id,
    thread: id.optional(),
    unit: id.optional(),
    fromUs: us,
    toUs: us,
    wait,
    stack: id.optional(),
    samples: count.optional(),
  }),
  environment: record('environment', {
    pid: id,
    language: text,
    version: text,
    modules: z.array(module).optional(),
    patches: z.array(patch).optional(),
    limits: z.array(limit).optional(),
  }),
  note: record('note', { atUs: us, text }),
  end: record('end', {
    endedUs: us,
    exitCode: z.int().nullable().optional(),
    lost: object<Lost>({
      dropped: count.optional(),
      truncated: count.optional(),
      notUnderstood: count.optional(),
      clamped: count.optional(),
      endsUnseen: count.optional(),
    }),
    clocks: z.array(z.tuple([us, z.number()])).optional(),
  }),
} as const satisfies { readonly [K in RecordKind]: z.ZodType };

/** The JSON Schema of a line of a trace (draft 2020-12). */
export function traceJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(
    z.discriminatedUnion('kind', Object.values(RECORD_SCHEMAS) as never),
  );
  return {
    $schema,
    title: 'A line of a trace of abreast, version 2',
    description: 'The first line is `run`, the last is `end`. See docs/trace.md.',
    ...schema,
  };
}
