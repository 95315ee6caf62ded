import type { RecordKind } from './records.ts';

type Type = 'number' | 'string' | 'array' | 'object';

/** The fields without which a record of the kind says nothing, and their types. */
const REQUIRED: Readonly<Record<RecordKind, Readonly<Record<string, Type>>>> = {
  run: { version: 'number', startedUs: 'number', command: 'array', recorders: 'array' },
  process: { pid: 'number' },
  connection: { id: 'number', origin: 'string' },
  connectionClosed: { id: 'number', atUs: 'number' },
  exchange: { id: 'number', origin: 'string' },
  stack: { id: 'number', frames: 'array' },
  ready: { connection: 'number', atUs: 'number', what: 'string' },
  unit: { id: 'number', pid: 'number', type: 'string' },
  resource: { id: 'number', type: 'string' },
  hold: { resource: 'number', fromUs: 'number' },
  block: { pid: 'number', fromUs: 'number', toUs: 'number', wait: 'object' },
  environment: { pid: 'number', language: 'string', version: 'string' },
  note: { atUs: 'number', text: 'string' },
  end: { endedUs: 'number', lost: 'object' },
};

/** REQUIRED as lists: this runs once a line. */
const CHECKS = new Map(Object.entries(REQUIRED).map(([kind, fields]) => [kind, Object.entries(fields)]));

/** What is wrong with a line's value as a record; undefined when nothing is. All fields in `Us` are times. */
export function complaintAbout(value: unknown): string | undefined {
  if (value === undefined) return 'no JSON';
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'no record: it should be an object';
  const record = value as Readonly<Record<string, unknown>>;
  const checks = CHECKS.get(record.kind as string);
  if (checks === undefined)
    return `no kind of record that this abreast knows: ${JSON.stringify(record.kind)}`;
  for (const [field, type] of checks) {
    if (!isOf(type, record[field]))
      return `${record.kind}.${field} should be ${an(type)}: ${shown(record[field])}`;
  }
  for (const field in record) {
    const time = record[field];
    if (typeof time === 'number' || time === null || !field.endsWith('Us')) continue;
    return `${record.kind}.${field} should be a number or null: ${shown(time)}`;
  }
  return undefined;
}

function isOf(type: Type, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? typeof value === 'object' && value !== null : typeof value === type;
}

function an(type: Type): string {
  return type === 'array' || type === 'object' ? `an ${type}` : `a ${type}`;
}

function shown(value: unknown): string {
  return value === undefined ? 'it is missing' : JSON.stringify(value).slice(0, 60);
}
