import type { Exchange } from '../trace/index.ts';
import { type Cell, emptyCell, put } from './cell.ts';
import { type Times, timesOf } from './steps.ts';

/** So many pairs of origin and line have a cell; all later ones share one. Bounds the memory of a crawl. */
const MOST_CELLS = 10_000;

/** The fold's state: exchanges by origin and asking line. */
export interface State {
  readonly cells: Map<string, Map<number | null, Cell>>;
  cellCount: number;
  /** The cell of the exchange before: mostly that of the next. */
  last: Cell | undefined;
  rest: Cell | undefined;
  /** Exchanges without any time: counted, not judged. */
  untimed: number;
  /** The first and the last time that any exchange has, in microseconds. */
  firstUs: number;
  lastUs: number;
}

/** Begins a judgement. */
export function start(): State {
  return {
    cells: new Map(),
    cellCount: 0,
    last: undefined,
    rest: undefined,
    untimed: 0,
    firstUs: Infinity,
    lastUs: -Infinity,
  };
}

/**
 * Takes an exchange, in any order. Well under a microsecond: a run does this for itself as it goes. `isChained`: it had to
 * follow the one before it (see chains.ts). `earlierUs`: how much earlier it would have been wanted, had nothing waited
 * (see model/earlier.ts).
 */
export function add(
  state: State,
  exchange: Exchange,
  isChained = isOfAnother(exchange),
  earlierUs = 0,
): void {
  const times = timesOf(exchange);
  if (times === undefined) {
    state.untimed++;
    return;
  }
  put(cellOf(state, exchange.origin, exchange.stack ?? null), exchange, times, isChained, earlierUs);
  if (times.wanted < state.firstUs) state.firstUs = times.wanted;
  const last = lastOf(times);
  if (last > state.lastUs) state.lastUs = last;
}

function isOfAnother({ because, from }: Exchange): boolean {
  return because === 'page' || (from !== undefined && from.length > 0);
}

function lastOf({ wanted, dispatched, connected, sent, answered, end }: Times): number {
  for (const time of [end, answered, sent, connected, dispatched]) if (time !== Infinity) return time;
  return wanted;
}

function cellOf(state: State, origin: string, stack: number | null): Cell {
  const { last } = state;
  if (last !== undefined && last.origin === origin && last.stack === stack) return last;
  const known = state.cells.get(origin)?.get(stack);
  state.last = known ?? newCell(state, origin, stack);
  return state.last;
}

function newCell(state: State, origin: string, stack: number | null): Cell {
  if (state.cellCount >= MOST_CELLS) {
    state.rest ??= emptyCell(null, null);
    return state.rest;
  }
  const cell = emptyCell(origin, stack);
  const lines = state.cells.get(origin);
  if (lines === undefined) state.cells.set(origin, new Map([[stack, cell]]));
  else lines.set(stack, cell);
  state.cellCount++;
  return cell;
}

/** When the run ended, as far as is known: what is open then, ends then. */
export function endOf(state: State, endedUs: number | undefined): number {
  return Math.max(endedUs ?? 0, state.lastUs, 0);
}

/** All cells of a state. */
export function cellsOf(state: State): Cell[] {
  const cells = [...state.cells.values()].flatMap((lines) => [...lines.values()]);
  return state.rest === undefined ? cells : [...cells, state.rest];
}

/** Whether any recorder saw what the program wanted. */
export function isWantedSeen(state: State): boolean {
  return cellsOf(state).some((cell) => cell.wanted.seen > 0);
}
