import { linesOf } from './lines.ts';
import { isNestedTooDeep, MOST_NESTED } from './nesting.ts';
import { type Exchange, TRACE_VERSION, type TraceRecord } from './records.ts';
import type { RECORD_SCHEMAS } from './schema.ts';

/** What is wrong with a line of a trace. */
export interface TraceFault {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** What a check has found. */
export interface TraceCheck {
  readonly records: number;
  /** The first 100, in the order of their lines. */
  readonly faults: readonly TraceFault[];
  readonly faultCount: number;
}

const FAULTS_KEPT = 100;

/**
 * Checks a trace by the rules that every recorder has to keep: the fields of each record, the order of an exchange's
 * steps, ids that occur once, references to ids that exist, `run` first and `end` last.
 * @throws what the file system and zlib throw, and RangeError for a line over 16 MB
 */
export async function checkTrace(path: string): Promise<TraceCheck> {
  const { RECORD_SCHEMAS: schemas } = await import('./schema.ts'); // zod is loaded for nothing else
  const check = new Check(schemas);
  const lines = linesOf(path);
  let next = await lines.next();
  for (; !next.done; next = await lines.next()) for (const line of next.value) check.take(line);
  if (next.value !== '') check.take(next.value);
  return check.end();
}

/** Fields that name records of a kind, by the kind. */
const REFERENCES: ReadonlyMap<string, TraceRecord['kind']> = new Map([
  ['connection', 'connection'],
  ['stack', 'stack'],
  ['madeAt', 'stack'],
  ['unit', 'unit'],
  ['resource', 'resource'],
]);

const WITH_ID: ReadonlySet<string> = new Set(['connection', 'exchange', 'stack', 'unit', 'resource']);

/** A trace being checked, line by line. */
class Check {
  readonly #schemas: typeof RECORD_SCHEMAS;
  #line = 0;
  #records = 0;
  #ended = false;
  #isOfOtherVersion = false;
  readonly #ids = new Map<string, Set<number>>();
  /** What was named and where first, by kind and id. */
  readonly #named = new Map<
    string,
    { readonly kind: string; readonly id: number; readonly at: TraceFault }
  >();
  readonly #faults: TraceFault[] = [];
  #faultCount = 0;

  constructor(schemas: typeof RECORD_SCHEMAS) {
    this.#schemas = schemas;
  }

  take(line: string): void {
    this.#line++;
    if (line === '' || this.#isOfOtherVersion) return;
    if (this.#ended) this.#find('a record after `end`, which is the last');
    const record = this.#recordOf(line);
    if (this.#line === 1 && record?.kind !== 'run' && this.#faultCount === 0)
      this.#find('the first record should be `run`');
    if (record === undefined) return;
    this.#records++;
    if (record.kind === 'run' && this.#line > 1) this.#find('a second `run`: a trace is of one run');
    if (record.kind === 'end') this.#ended = true;
    this.#identify(record);
    for (const text of faultsOf(record)) this.#find(text);
    for (const [kind, id, field] of referencesOf(record)) this.#name(kind, id, `${record.kind}.${field}`);
  }

  end(): TraceCheck {
    for (const { kind, id, at } of this.#named.values()) {
      if (this.#ids.get(kind)?.has(id)) continue;
      this.#keep(at);
    }
    if (!this.#ended && !this.#isOfOtherVersion)
      this.#find('the last record should be `end`: the trace was cut short');
    const faults = this.#faults.sort((one, other) => one.line - other.line).slice(0, FAULTS_KEPT);
    return { records: this.#records, faults, faultCount: this.#faultCount };
  }

  #recordOf(line: string): TraceRecord | undefined {
    const value = isNestedTooDeep(line) ? undefined : parsed(line);
    if (value === undefined) {
      this.#find(`no JSON, or nested more than ${MOST_NESTED} deep`);
      return undefined;
    }
    const { kind, version } = Object(value) as { readonly kind?: unknown; readonly version?: unknown };
    if (this.#line === 1 && kind === 'run' && typeof version === 'number' && version !== TRACE_VERSION) {
      this.#isOfOtherVersion = true;
      this.#find(`run.version: it is ${version}, and only version ${TRACE_VERSION} is checked`);
      return undefined;
    }
    const schema = Object.hasOwn(this.#schemas, String(kind))
      ? this.#schemas[kind as TraceRecord['kind']]
      : undefined;
    if (schema === undefined) {
      this.#find(`no kind of record: ${JSON.stringify(kind) ?? 'the field `kind` is missing'}`);
      return undefined;
    }
    const read = schema.safeParse(value);
    for (const { path, message } of read.error?.issues ?? [])
      this.#find(`${[kind, ...path].join('.')}: ${message.replace(/^Invalid input: /, '')}`);
    return read.success ? (read.data as TraceRecord) : undefined;
  }

  #identify(record: TraceRecord): void {
    if (!WITH_ID.has(record.kind) || !('id' in record)) return;
    const ids = this.#ids.get(record.kind) ?? new Set();
    if (ids.has(record.id)) this.#find(`${record.kind}.id: ${record.id} is there twice`);
    this.#ids.set(record.kind, ids.add(record.id));
  }

  #name(kind: string, id: number, field: string): void {
    const key = `${kind} ${id}`;
    const text = `${field}: there is no ${kind} ${id}`;
    if (!this.#named.has(key)) this.#named.set(key, { kind, id, at: { line: this.#line, text } });
  }

  #find(text: string): void {
    this.#keep({ line: Math.max(1, this.#line), text });
  }

  #keep(fault: TraceFault): void {
    this.#faultCount++;
    // Names of ids that are nowhere are found at the end and belong to earlier lines.
    if (this.#faults.length < 2 * FAULTS_KEPT) this.#faults.push(fault);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What a record that has the right fields says of itself that can't be. */
function faultsOf(record: TraceRecord): readonly string[] {
  switch (record.kind) {
    case 'exchange':
      return stepFaults(record);
    case 'block':
      return record.toUs < record.fromUs ? ['block.toUs: it ends before it begins'] : [];
    case 'hold':
      return (record.toUs ?? Infinity) < record.fromUs ? ['hold.toUs: it ends before it begins'] : [];
    default:
      return [];
  }
}

const STEPS = [
  'wantedUs',
  'calledUs',
  'dispatchedUs',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
] as const;

function stepFaults(exchange: Exchange): readonly string[] {
  const faults: string[] = [];
  let before: (typeof STEPS)[number] | undefined;
  for (const step of STEPS) {
    const at = exchange[step];
    if (typeof at !== 'number') continue;
    if (before !== undefined && at < exchange[before]!)
      faults.push(`exchange.${step}: it is before ${before}`);
    before = step;
  }
  return faults;
}

/** The records that a record names: their kind, their id, the field. */
function referencesOf(record: TraceRecord): [kind: string, id: number, field: string][] {
  const found: [string, number, string][] = [];
  for (const [field, value] of Object.entries(record)) {
    const kind = REFERENCES.get(field);
    if (kind !== undefined && typeof value === 'number') found.push([kind, value, field]);
  }
  if (record.kind === 'connectionClosed') found.push(['connection', record.id, 'id']);
  if (record.kind === 'unit' && record.parent !== undefined) found.push(['unit', record.parent, 'parent']);
  if (record.kind === 'resource' && record.setAt !== undefined) found.push(['stack', record.setAt, 'setAt']);
  if (record.kind === 'block') {
    const { connections = [], resource, unit } = record.wait;
    for (const id of connections) found.push(['connection', id, 'wait.connections']);
    if (resource !== undefined) found.push(['resource', resource, 'wait.resource']);
    if (unit !== undefined) found.push(['unit', unit, 'wait.unit']);
  }
  return found;
}
