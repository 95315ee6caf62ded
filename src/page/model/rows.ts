import type { Connection, Exchange, Unit } from '../../trace/browser.ts';
import type { TimeColumns } from './times.ts';

/** What a row of the waterfall is. */
export const ROW_MODES = ['exchange', 'connection', 'thread', 'task', 'served request', 'process'] as const;
export type RowMode = (typeof ROW_MODES)[number];

/** Rows of exchanges: those of row `at` are `items` from `offsets[at]` to before `offsets[at + 1]`, in order of time. */
export interface Rows {
  readonly mode: RowMode;
  readonly count: number;
  readonly offsets: Int32Array;
  /** Places of exchanges in the trace. */
  readonly items: Int32Array;
  /** The group of each row: exchanges of a group that overlap in time have rows of their own. */
  readonly groups: Int32Array;
  readonly titles: readonly string[];
  /** What is drawn of an exchange begins here: on the row of a connection, when it was dispatched. */
  readonly beginUs: Float64Array;
  /** By exchange, -1 where it is in none. */
  readonly rowOf: Int32Array;
}

/** What rows are made of. */
export interface RowSource {
  readonly exchange: readonly Exchange[];
  readonly connection: readonly Connection[];
  readonly unit: readonly Unit[];
  readonly process: readonly { readonly pid: number; readonly argv?: readonly string[] }[];
}

/** Puts exchanges into rows. `order` has the places of those to be shown, in the order of the rows. */
export function rowsOf(mode: RowMode, order: Int32Array, source: RowSource, times: TimeColumns): Rows {
  return mode === 'exchange' ? oneEach(order, times) : grouped(mode, order, source, times);
}

function oneEach(order: Int32Array, times: TimeColumns): Rows {
  const rowOf = new Int32Array(times.wanted.length).fill(-1);
  for (let row = 0; row < order.length; row++) rowOf[order[row]!] = row;
  const groups = Int32Array.from(order.keys());
  return {
    mode: 'exchange',
    count: order.length,
    offsets: Int32Array.from({ length: order.length + 1 }, (_, row) => row),
    items: order,
    groups,
    titles: [],
    beginUs: times.wanted,
    rowOf,
  };
}

function grouped(
  mode: Exclude<RowMode, 'exchange'>,
  order: Int32Array,
  source: RowSource,
  times: TimeColumns,
): Rows {
  const titleOf = TITLES[mode](source);
  const beginUs = mode === 'connection' ? times.dispatched : times.wanted;
  const byTitle = Map.groupBy(order, (at) => titleOf(source.exchange[at]!));
  const rowOf = new Int32Array(times.wanted.length).fill(-1);
  const items = new Int32Array(order.length);
  const offsets: number[] = [0];
  const groups: number[] = [];
  let placed = 0;
  [...byTitle.values()].forEach((members, group) => {
    for (const lane of withoutOverlap(members, beginUs, times.end)) {
      for (const at of lane) {
        items[placed++] = at;
        rowOf[at] = groups.length;
      }
      offsets.push(placed);
      groups.push(group);
    }
  });
  return {
    mode,
    count: groups.length,
    offsets: Int32Array.from(offsets),
    items,
    groups: Int32Array.from(groups),
    titles: [...byTitle.keys()],
    beginUs,
    rowOf,
  };
}

/** Lanes in each of which no exchange overlaps another: as few as can be. */
function withoutOverlap(
  members: readonly number[],
  from: Float64Array,
  to: Float64Array,
): readonly number[][] {
  const lanes: number[][] = [];
  // Lanes by the time at which they are free, the earliest first: a heap of their indexes.
  const heap: number[] = [];
  const freeUs: number[] = [];
  for (const at of members.toSorted((a, b) => from[a]! - from[b]! || to[a]! - to[b]!)) {
    const first = heap[0];
    if (first !== undefined && freeUs[first]! <= from[at]!) {
      lanes[first]!.push(at);
      freeUs[first] = to[at]!;
      sinkFirst(heap, freeUs);
    } else {
      heap.push(lanes.length);
      lanes.push([at]);
      freeUs.push(to[at]!);
      raiseLast(heap, freeUs);
    }
  }
  return lanes;
}

function sinkFirst(heap: number[], keys: readonly number[]): void {
  const moved = heap[0]!;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && keys[heap[child + 1]!]! < keys[heap[child]!]!) child++;
    if (keys[heap[child]!]! >= keys[moved]!) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moved;
}

function raiseLast(heap: number[], keys: readonly number[]): void {
  const moved = heap.at(-1)!;
  let at = heap.length - 1;
  for (let parent = (at - 1) >> 1; at > 0 && keys[heap[parent]!]! > keys[moved]!; parent = (at - 1) >> 1) {
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = moved;
}

type TitleOf = (exchange: Exchange) => string;

const TITLES: Readonly<Record<Exclude<RowMode, 'exchange'>, (source: RowSource) => TitleOf>> = {
  connection: ({ connection: connections }) => {
    const known = new Map(connections.map((connection) => [connection.id, connection]));
    return ({ connection }) => {
      if (typeof connection !== 'number') return 'no connection';
      const { protocol, origin } = known.get(connection) ?? {};
      return [`connection ${connection}`, protocol, origin].filter((part) => part !== undefined).join(' ');
    };
  },
  thread: () => (exchange) =>
    exchange.thread === undefined ? 'no thread known' : `thread ${exchange.thread}${ofPid(exchange)}`,
  task: ({ unit: units }) => {
    const known = new Map(units.map((unit) => [unit.id, unit]));
    return ({ unit }) => {
      const one = unit === undefined ? undefined : known.get(unit);
      return one === undefined ? 'no unit of work known' : `${one.type} ${one.id}`;
    };
  },
  'served request': ({ unit: units }) => {
    const known = new Map(units.map((unit) => [unit.id, unit]));
    return ({ unit }) => {
      const served = servedBy(unit, known);
      if (served === undefined) return 'for no served request';
      return [served.method, served.route, `(${served.id})`].filter((part) => part !== undefined).join(' ');
    };
  },
  process: ({ process: processes }) => {
    const known = new Map(processes.map((process) => [process.pid, process.argv]));
    return ({ pid }) =>
      pid === undefined ? 'no process known' : [`process ${pid}`, ...(known.get(pid) ?? [])].join(' ');
  },
};

function ofPid({ pid }: Exchange): string {
  return pid === undefined ? '' : `, process ${pid}`;
}

/** The request that a unit of work is done for: itself or one that it was made by. */
function servedBy(unit: number | undefined, units: ReadonlyMap<number, Unit>): Unit | undefined {
  let one = unit === undefined ? undefined : units.get(unit);
  for (let steps = 0; one !== undefined && one.type !== 'served-request' && steps < 1_000; steps++)
    one = one.parent === undefined ? undefined : units.get(one.parent);
  return one?.type === 'served-request' ? one : undefined;
}
