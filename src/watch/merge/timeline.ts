import type { TraceRecord, Wait } from '../../trace/index.ts';
import type { Part } from './part.ts';

/**
 * The records of a part in the merged trace's time and with ids of their own: a recorder counts from its own start,
 * on a clock that may drift from the others'.
 *
 * @param startedUs Unix time, microseconds: the zero of the merged trace
 */
export function aligned(
  { records, startedUs: own, clocks }: Part,
  startedUs: number,
  ids: Ids,
): TraceRecord[] {
  const offsetAt = offsets(clocks, own);
  const from = { ...ids };
  return records.map((record) => {
    const moved: Record<string, unknown> = { ...record };
    for (const name in moved) {
      const value = moved[name];
      if (typeof value !== 'number') continue;
      if (name.endsWith('Us') && !DURATIONS.has(name))
        moved[name] = Math.round(value + offsetAt(value) - startedUs);
    }
    renumber(moved, from, ids);
    return moved as unknown as TraceRecord;
  });
}

/** Fields in microseconds that are no times of the run. */
const DURATIONS: ReadonlySet<string> = new Set(['cpuUs', 'runQueueUs', 'throttledUs']);

/** The highest id of each kind that is taken. */
export interface Ids {
  connection: number;
  exchange: number;
  request: number;
  resource: number;
  stack: number;
  unit: number;
}

/** The offset of a part's time to Unix time, by the pair of clocks before it. */
function offsets(clocks: Part['clocks'], startedUs: number): (timeUs: number) => number {
  const pairs = clocks.length === 0 ? [[0, startedUs] as const] : clocks;
  let at = 0;
  return (timeUs) => {
    while (at + 1 < pairs.length && pairs[at + 1]![0] <= timeUs) at++;
    while (at > 0 && pairs[at]![0] > timeUs) at--;
    return pairs[at]![1] - pairs[at]![0];
  };
}

/** Which kind of id a field of a record is. */
const REFERENCES: Readonly<Record<string, keyof Ids>> = {
  connection: 'connection',
  request: 'request',
  stack: 'stack',
  madeAt: 'stack',
  setAt: 'stack',
  unit: 'unit',
  resource: 'resource',
};

/** Which kind of id a record's own is. */
const OWN: ReadonlyMap<unknown, keyof Ids> = new Map([
  ['connection', 'connection'],
  ['connectionClosed', 'connection'],
  ['exchange', 'exchange'],
  ['stack', 'stack'],
  ['unit', 'unit'],
  ['resource', 'resource'],
]);

function renumber(record: Record<string, unknown>, from: Ids, ids: Ids): void {
  const move = (name: string, kind: keyof Ids) => {
    const value = record[name];
    if (typeof value !== 'number') return;
    record[name] = value + from[kind];
    ids[kind] = Math.max(ids[kind], value + from[kind]);
  };
  for (const name in REFERENCES) move(name, REFERENCES[name]!);
  if (record.kind === 'unit') move('parent', 'unit'); // that of a process is a pid
  if (Array.isArray(record.from)) record.from = record.from.map((id: number) => id + from.exchange);
  const own = OWN.get(record.kind);
  if (own !== undefined) move('id', own);
  if (record.kind === 'block') record.wait = waitFrom(record.wait as Wait, from);
}

function waitFrom({ connections, resource, unit, ...wait }: Wait, from: Ids): Wait {
  return {
    ...wait,
    ...(connections !== undefined && { connections: connections.map((id) => id + from.connection) }),
    ...(resource !== undefined && { resource: resource + from.resource }),
    ...(unit !== undefined && { unit: unit + from.unit }),
  };
}
