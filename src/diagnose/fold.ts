import type { Exchange } from '../trace/index.ts';
import { Rows } from './rows.ts';
import { type Times, timesOf } from './steps.ts';

/** Origins and lines that are told apart; what comes after is judged together. Bounds the memory of a crawl. */
const MOST_CELLS = 10_000;

/** The sum, over exchanges that passed a step, of end - step. Open exchanges are added when the end is known. */
export interface Sum {
  closedUs: number;
  open: number;
  openUs: number;
  /** How many exchanges somebody saw pass it, or not pass it. */
  seen: number;
}

/** Pairs of wanted and called, by 'pid:thread' of the calling thread. */
export type Handovers = Map<string, number[]>;

/** Triples of dispatched, connected and the connection's id, by 'pid:thread' of the calling thread. */
export type Openings = Map<string, number[]>;

/** A shorter wait between wanted and called is the work of handing over; one for a connection is its opening. */
const LONG_WAIT_US = 1_000;

/** All that is kept of the exchanges of one origin that one line asked for. */
export interface Cell {
  /** null: beyond the origins that are told apart. */
  readonly origin: string | null;
  /** The id of the asking stack; null where nobody saw it. */
  readonly stack: number | null;
  readonly rows: Rows;
  readonly wanted: Sum;
  readonly dispatched: Sum;
  readonly connected: Sum;
  readonly sent: Sum;
  /** Those that waited long between wanted and called, by thread. */
  readonly handovers: Handovers;
  /** Those that waited long for their connection, by thread. */
  readonly openings: Openings;
  /** Retries and redirects: exchanges that are no request of the program. */
  again: number;
  answered: number;
  failed: number;
}

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

/** Takes an exchange, in any order. Well under a microsecond: a run does this for itself as it goes. */
export function add(state: State, exchange: Exchange): void {
  const times = timesOf(exchange);
  if (times === undefined) {
    state.untimed++;
    return;
  }
  const cell = cellOf(state, exchange.origin, exchange.stack ?? null);
  cell.rows.add(times.wanted, times.sent, times.answered, times.end);
  addTo(cell.wanted, times.wanted, times.end, exchange.wantedUs);
  addTo(cell.dispatched, times.dispatched, times.end, exchange.dispatchedUs);
  addTo(cell.connected, times.connected, times.end, exchange.connectedUs);
  addTo(cell.sent, times.sent, times.end, exchange.sentUs);
  count(cell, exchange, times);
  noteHandover(cell, exchange);
  noteOpening(cell, exchange);
  if (times.wanted < state.firstUs) state.firstUs = times.wanted;
  const last = lastOf(times);
  if (last > state.lastUs) state.lastUs = last;
}

function lastOf({ wanted, dispatched, connected, sent, answered, end }: Times): number {
  for (const time of [end, answered, sent, connected, dispatched]) if (time !== Infinity) return time;
  return wanted;
}

function addTo(sum: Sum, time: number, end: number, given: number | null | undefined): void {
  if (given !== undefined) sum.seen++;
  if (time === Infinity) return;
  if (end === Infinity) {
    sum.open++;
    sum.openUs += time;
  } else {
    sum.closedUs += end - time;
  }
}

function noteHandover({ handovers }: Cell, { wantedUs, calledUs, pid, thread }: Exchange): void {
  if (typeof wantedUs !== 'number' || typeof calledUs !== 'number' || thread === undefined) return;
  if (calledUs - wantedUs >= LONG_WAIT_US) append(handovers, `${pid}:${thread}`, wantedUs, calledUs);
}

function noteOpening({ openings }: Cell, exchange: Exchange): void {
  const { dispatchedUs, connectedUs, connection, pid, thread } = exchange;
  if (typeof dispatchedUs !== 'number' || typeof connectedUs !== 'number' || thread === undefined) return;
  if (connectedUs - dispatchedUs >= LONG_WAIT_US)
    append(openings, `${pid}:${thread}`, dispatchedUs, connectedUs, connection ?? -1);
}

function append(lists: Map<string, number[]>, key: string, ...numbers: readonly number[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...numbers]);
  else list.push(...numbers);
}

function count(cell: Cell, exchange: Exchange, times: Times): void {
  if (exchange.because === 'retry' || exchange.because === 'redirect') cell.again++;
  if (times.answered !== Infinity) cell.answered++;
  if (typeof exchange.error === 'string') cell.failed++;
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

function emptyCell(origin: string | null, stack: number | null): Cell {
  const sum = (): Sum => ({ closedUs: 0, open: 0, openUs: 0, seen: 0 });
  return {
    origin,
    stack,
    rows: new Rows(),
    wanted: sum(),
    dispatched: sum(),
    connected: sum(),
    sent: sum(),
    handovers: new Map(),
    openings: new Map(),
    again: 0,
    answered: 0,
    failed: 0,
  };
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
