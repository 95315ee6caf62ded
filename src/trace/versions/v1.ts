import { type RunHeader, TRACE_VERSION, type TraceRecord, type UnitType } from '../records.ts';
import { limit } from './v1-limit.ts';
import { override, patch } from './v1-patch.ts';
import { wait } from './v1-wait.ts';

/**
 * Version 1 is what abreast 0.1 wrote: waits, patches and limits as text, and the step `wanted` under the name of
 * `asked`. Its fields have whatever type they have: check.ts looks at what comes out of here.
 */
export type V1Record = Readonly<Record<string, unknown>>;

/** The `run` record of a version 1 trace. */
export function liftRun(line: V1Record): RunHeader {
  const { asked, recorders, ...run } = line;
  const lifted = Array.isArray(recorders)
    ? recorders.map((recorder: V1Record) => ({ ...recorder, sees: names(recorder.sees) }))
    : recorders;
  return {
    ...run,
    version: TRACE_VERSION,
    recorders: lifted,
    ...(asked !== undefined && { wanted: asked }),
  } as unknown as RunHeader;
}

/** Lifts the other records of one trace. A unit of work has a record of its own in front of the first that names it. */
export class Lifter {
  readonly #units = new Map<string, number>();

  lift(line: V1Record): readonly TraceRecord[] {
    const { task, ...rest } = line;
    const record = recordOf(rest);
    if (typeof task !== 'string' || typeof line.pid !== 'number') return [record as unknown as TraceRecord];
    const name = `${line.pid} ${task}`;
    const known = this.#units.get(name);
    const unit = known ?? this.#units.size;
    const lifted = { ...record, unit } as unknown as TraceRecord;
    if (known !== undefined) return [lifted];
    this.#units.set(name, unit);
    return [{ kind: 'unit', id: unit, pid: line.pid, type: typeOf(task) }, lifted];
  }
}

function recordOf(line: V1Record): V1Record {
  switch (line.kind) {
    case 'exchange':
      return exchange(line);
    case 'block':
      return block(line);
    case 'environment':
      return environment(line);
    default:
      return line;
  }
}

function exchange({ askedUs, estimated, ...rest }: V1Record): V1Record {
  return {
    ...rest,
    ...(askedUs !== undefined && { wantedUs: askedUs }),
    ...(estimated !== undefined && { estimated: names(estimated) }),
  };
}

function block({ in: call, connections, descriptors, ...rest }: V1Record): V1Record {
  if (typeof call !== 'string') return rest;
  return {
    ...rest,
    wait: {
      ...wait(call),
      ...(connections !== undefined && { connections }),
      ...(descriptors !== undefined && { descriptors }),
    },
  };
}

function environment({ patches = [], overrides = [], limits = [], ...rest }: V1Record): V1Record {
  return {
    ...rest,
    patches: [...listOf(patches).map(patch), ...listOf(overrides).map(override)],
    limits: listOf(limits).map(limit),
  };
}

/** Names of fields, as they are today. */
function names(fields: unknown): readonly string[] {
  const today = new Map([
    ['askedUs', 'wantedUs'],
    ['task', 'unit'],
  ]);
  return listOf(fields).map((field) => today.get(String(field)) ?? String(field));
}

function listOf<Item = never>(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value : [];
}

/** 'executor item 3', 'task 17' */
function typeOf(task: string): UnitType {
  const types: readonly [string, UnitType][] = [
    ['executor', 'executor-item'],
    ['pool', 'executor-item'],
    ['greenlet', 'greenlet'],
    ['thread', 'thread'],
    ['task', 'task'],
  ];
  return types.find(([start]) => task.startsWith(start))?.[1] ?? 'queue-item';
}
