import type { Block, Connection, Exchange, Lost, Process, Recorder, TraceRecord } from '../../trace/index.ts';
import { joinConnections } from './connections.ts';
import { type Joined, joinExchanges } from './exchanges.ts';
import { withOpenings } from './multiplexed.ts';
import type { Part } from './part.ts';
import { aligned, type Ids } from './timeline.ts';

/** One run, as all of its recorders saw it. */
export interface Merged {
  readonly recorders: readonly Recorder[];
  /** Without `run` and `end`. */
  readonly records: readonly TraceRecord[];
  readonly lost: Lost;
}

/**
 * Makes one account of those of several recorders. Recorders inside processes are joined with the one outside on the
 * connections that both saw.
 *
 * @param startedUs Unix time, microseconds: the zero of the merged trace
 */
export function merge(inside: readonly Part[], outside: Part | null, startedUs: number): Merged {
  const ids: Ids = { connection: 0, exchange: 0, request: 0, resource: 0, stack: 0, unit: 0 };
  const within = outside === null ? [] : aligned(outside, startedUs, ids);
  const own = inside.map((part) => aligned(part, startedUs, ids));
  const connections = joinConnections(kindOf(own.flat(), 'connection'), kindOf(within, 'connection'));
  const told = oneStackEach(own.flat().map((record) => onConnection(record, connections)));
  const joined = exchangesOf(told, within, new Set(connections.values()));
  const lines = connectionsOf(told, within, connections);
  return {
    recorders: recordersOf(inside, outside),
    records: [
      ...processesOf(told, within),
      ...lines,
      ...withOpenings(joined.exchanges, lines),
      ...restOf(told, within, connections),
    ],
    lost: lostOf(outside === null ? inside : [outside, ...inside], joined),
  };
}

type Of<Kind extends TraceRecord['kind']> = Extract<TraceRecord, { kind: Kind }>;

function kindOf<Kind extends TraceRecord['kind']>(records: readonly TraceRecord[], kind: Kind): Of<Kind>[] {
  return records.filter((record): record is Of<Kind> => record.kind === kind);
}

/** The record with the outside's ids for its connections; records of connections do not change. */
function onConnection(record: TraceRecord, names: ReadonlyMap<number, number>): TraceRecord {
  const name = (id: number) => names.get(id) ?? id;
  if (record.kind === 'exchange' && typeof record.connection === 'number')
    return { ...record, connection: name(record.connection) };
  if (record.kind === 'ready') return { ...record, connection: name(record.connection) };
  if (record.kind === 'block' && record.wait.connections !== undefined)
    return { ...record, wait: { ...record.wait, connections: record.wait.connections.map(name) } };
  return record;
}

function exchangesOf(
  inside: readonly TraceRecord[],
  outside: readonly TraceRecord[],
  shared: ReadonlySet<number>,
): Joined {
  const joined: Joined = { exchanges: [], clamped: 0, unjoined: 0, endsUnseen: 0 };
  const isShared = ({ connection }: Exchange) => typeof connection === 'number' && shared.has(connection);
  const byConnection = (records: readonly TraceRecord[]) =>
    Map.groupBy(kindOf(records, 'exchange').filter(isShared), ({ connection }) => connection!);
  const others = byConnection(outside);
  const own = byConnection(inside);
  for (const connection of shared) {
    const seen = (own.get(connection) ?? []).sort(byOrdinal);
    joinExchanges(seen, (others.get(connection) ?? []).sort(byOrdinal), connection, joined);
  }
  for (const exchange of [...kindOf(inside, 'exchange'), ...kindOf(outside, 'exchange')])
    if (!isShared(exchange)) joined.exchanges.push(exchange);
  return joined;
}

function byOrdinal(one: Exchange, other: Exchange): number {
  return (one.ordinal ?? 0) - (other.ordinal ?? 0);
}

/** The outside's connections with what only the inside knows of them, then those that only the inside saw. */
function connectionsOf(
  inside: readonly TraceRecord[],
  outside: readonly TraceRecord[],
  names: ReadonlyMap<number, number>,
): Connection[] {
  const own = kindOf(inside, 'connection');
  const known = new Map<number, Connection[]>();
  for (const connection of own) {
    const name = names.get(connection.id);
    if (name === undefined) continue;
    const same = known.get(name);
    if (same === undefined) known.set(name, [connection]);
    else same.push(connection);
  }
  const shared = kindOf(outside, 'connection').map((connection) =>
    (known.get(connection.id) ?? []).reduce(enriched, connection),
  );
  return [...shared, ...own.filter(({ id }) => !names.has(id))];
}

function enriched(connection: Connection, inside: Connection): Connection {
  const looked = typeof inside.dnsFromUs === 'number' ? inside : connection;
  const protocol = inside.protocol === 'h2' ? inside.protocol : connection.protocol;
  return {
    ...connection,
    origin: inside.origin,
    ...(connection.local === undefined && inside.local !== undefined && { local: inside.local }),
    ...(looked.dnsFromUs !== undefined && { dnsFromUs: looked.dnsFromUs }),
    ...(looked.dnsToUs !== undefined && { dnsToUs: looked.dnsToUs }),
    ...(protocol !== undefined && { protocol }),
    ...(inside.socketClass !== undefined && { socketClass: inside.socketClass }),
  };
}

/** One record a process: what the outside saw of it, or the inside's several put together. */
function processesOf(inside: readonly TraceRecord[], outside: readonly TraceRecord[]): Process[] {
  const seen = kindOf(outside, 'process');
  const pids = new Set(seen.map(({ pid }) => pid));
  const own = Map.groupBy(kindOf(inside, 'process'), ({ pid }) => pid);
  const alone = [...own]
    .filter(([pid]) => !pids.has(pid))
    .map(([, records]) => Object.assign({}, ...records));
  return [...seen.map((process) => ({ ...cpuOf(own.get(process.pid)), ...process })), ...alone];
}

/** The CPU time that a process counted for itself, and its waits for a CPU, which no system call shows. */
function cpuOf(records: readonly Process[] = []): Pick<Process, 'cpuUs' | 'runQueueUs'> {
  const counted = records.findLast(({ cpuUs }) => cpuUs !== undefined);
  return {
    ...(counted?.cpuUs !== undefined && { cpuUs: counted.cpuUs }),
    ...(counted?.runQueueUs !== undefined && { runQueueUs: counted.runQueueUs }),
  };
}

/** Equal stacks of several processes become one. */
function oneStackEach(records: readonly TraceRecord[]): TraceRecord[] {
  const names = new Map<number, number>();
  const byFrames = new Map<string, number>();
  for (const stack of kindOf(records, 'stack')) {
    const frames = JSON.stringify(stack.frames);
    const known = byFrames.get(frames);
    if (known === undefined) byFrames.set(frames, stack.id);
    else names.set(stack.id, known);
  }
  if (names.size === 0) return [...records];
  return records
    .filter((record) => record.kind !== 'stack' || !names.has(record.id))
    .map((record) => withStack(record, (id) => names.get(id) ?? id));
}

function withStack(record: TraceRecord, name: (id: number) => number): TraceRecord {
  if ((record.kind === 'exchange' || record.kind === 'block') && record.stack !== undefined)
    return { ...record, stack: name(record.stack) };
  if (record.kind === 'unit' && record.madeAt !== undefined)
    return { ...record, madeAt: name(record.madeAt) };
  if (record.kind === 'resource' && record.setAt !== undefined)
    return { ...record, setAt: name(record.setAt) };
  return record;
}

const APART: ReadonlySet<TraceRecord['kind']> = new Set(['process', 'connection', 'exchange', 'run', 'end']);

/** Environments (the last one of a process counts), stacks, blocks, and what else was seen. */
function restOf(
  inside: readonly TraceRecord[],
  outside: readonly TraceRecord[],
  names: ReadonlyMap<number, number>,
): TraceRecord[] {
  const environments = new Map(kindOf(inside, 'environment').map((record) => [record.pid, record]));
  const other = [...outside, ...inside].filter(
    (record) =>
      !APART.has(record.kind) &&
      record.kind !== 'environment' &&
      !(record.kind === 'connectionClosed' && names.has(record.id)),
  );
  return [...environments.values(), ...withoutTwins(other)];
}

/**
 * Both sides see that a thread computed. The probe knows where, and where it waited meanwhile for a lock, of which there is
 * no system call in the recording; the system calls add only the time that it did not see.
 */
function withoutTwins(records: readonly TraceRecord[]): TraceRecord[] {
  const isCpu = ({ wait }: Block) => wait.kind === 'cpu';
  const placed = Map.groupBy(
    kindOf(records, 'block').filter(hasStack).toSorted(byBegin),
    ({ thread }) => thread,
  );
  return records.flatMap((record) =>
    record.kind === 'block' && isCpu(record) && !hasStack(record)
      ? uncovered(record, placed.get(record.thread) ?? [])
      : [record],
  );
}

function hasStack({ stack }: Block): boolean {
  return stack !== undefined;
}

function byBegin(one: Block, other: Block): number {
  return one.fromUs - other.fromUs;
}

/** The parts of a block that others do not cover. @param others by their begin */
function uncovered(block: Block, others: readonly Block[]): Block[] {
  const parts: Block[] = [];
  let fromUs = block.fromUs;
  for (const other of others) {
    if (other.fromUs >= block.toUs) break;
    if (other.toUs <= fromUs) continue;
    if (other.fromUs > fromUs) parts.push({ ...block, fromUs, toUs: other.fromUs });
    fromUs = other.toUs;
  }
  if (fromUs < block.toUs) parts.push({ ...block, fromUs });
  return parts;
}

/** Each recorder once, however many processes it was in. */
function recordersOf(inside: readonly Part[], outside: Part | null): Recorder[] {
  const all = (outside === null ? inside : [outside, ...inside]).map(({ recorder }) => recorder);
  return [...new Map(all.map((recorder) => [recorder.name, recorder])).values()];
}

function lostOf(parts: readonly Part[], { clamped, unjoined, endsUnseen }: Joined): Lost {
  const sum = (name: keyof Lost) => parts.reduce((total, { lost }) => total + (lost[name] ?? 0), 0);
  return {
    dropped: sum('dropped'),
    truncated: sum('truncated'),
    notUnderstood: sum('notUnderstood') + unjoined,
    clamped: sum('clamped') + clamped,
    ...(endsUnseen > 0 && { endsUnseen }),
  };
}
