import type { Exchange } from '../trace/index.ts';
import { isAgain } from './chains.ts';
import { type Failure, failureOf } from './failure.ts';
import { FLAG, Rows } from './rows.ts';
import type { Times } from './steps.ts';
import { threadOf } from './threads.ts';
import { HANDOVER_US } from './thresholds.ts';

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

/** So many failures of a cell are kept with their reason; the rest are counted. */
const MOST_FAILURES = 1_000;

/** All that is kept of the exchanges of one origin that one line made. */
export interface Cell {
  /** null: of all origins beyond the most that have cells of their own. */
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
  /** The first that ended with an error. */
  readonly failures: Failure[];
  /** Retries, redirects and answers to a challenge: exchanges that are no request of the program. */
  again: number;
  answered: number;
  failed: number;
  /** Those that had to follow the one before (see chains.ts), and those of which a recorder knows that they need not. */
  dependent: number;
  independent: number;
}

/** A cell of no exchange yet. */
export function emptyCell(origin: string | null, stack: number | null): Cell {
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
    failures: [],
    again: 0,
    answered: 0,
    failed: 0,
    dependent: 0,
    independent: 0,
  };
}

/** Takes an exchange. */
export function put(
  cell: Cell,
  exchange: Exchange,
  times: Times,
  isChained: boolean,
  earlierUs: number,
): void {
  const failure = failureOf(exchange, times);
  const { wanted, dispatched, connected, sent, answered, end } = times;
  const flags = flagsOf(exchange, failure, isChained);
  putRow(cell, wanted, sent, answered, end, dispatched, connected, flags, earlierUs);
  if (failure !== undefined && cell.failures.length < MOST_FAILURES) cell.failures.push(failure);
  noteHandover(cell, exchange);
  noteOpening(cell, exchange);
}

/** Takes the times and flags of an exchange (see FLAG), as its row has them. */
export function putRow(
  cell: Cell,
  wanted: number,
  sent: number,
  answered: number,
  end: number,
  dispatched: number,
  connected: number,
  flags: number,
  earlierUs: number,
): void {
  cell.rows.add(wanted, sent, answered, end, dispatched, connected, flags, earlierUs);
  addTo(cell.wanted, wanted, end, flags & FLAG.wantedSeen);
  addTo(cell.dispatched, dispatched, end, flags & FLAG.dispatchedSeen);
  addTo(cell.connected, connected, end, flags & FLAG.connectedSeen);
  addTo(cell.sent, sent, end, flags & FLAG.sentSeen);
  if (answered !== Infinity) cell.answered++;
  if (flags & FLAG.again) cell.again++;
  if (flags & FLAG.failed) cell.failed++;
  if (flags & FLAG.dependent) cell.dependent++;
  if (flags & FLAG.independent) cell.independent++;
}

function flagsOf(exchange: Exchange, failure: Failure | undefined, isChained: boolean): number {
  const { from, wantedUs, dispatchedUs, connectedUs, sentUs } = exchange;
  let flags = 0;
  if (isAgain(exchange)) flags |= FLAG.again;
  if (failure !== undefined) flags |= FLAG.failed;
  if (isChained) flags |= FLAG.dependent;
  else if (from !== undefined) flags |= FLAG.independent;
  if (wantedUs !== undefined) flags |= FLAG.wantedSeen;
  if (dispatchedUs !== undefined) flags |= FLAG.dispatchedSeen;
  if (connectedUs !== undefined) flags |= FLAG.connectedSeen;
  if (sentUs !== undefined) flags |= FLAG.sentSeen;
  return flags;
}

function addTo(sum: Sum, time: number, end: number, seen: number): void {
  if (seen !== 0) sum.seen++;
  if (time === Infinity) return;
  if (end === Infinity) {
    sum.open++;
    sum.openUs += time;
  } else {
    sum.closedUs += end - time;
  }
}

function noteHandover({ handovers }: Cell, exchange: Exchange): void {
  const { wantedUs, calledUs, thread } = exchange;
  if (typeof wantedUs !== 'number' || typeof calledUs !== 'number' || thread === undefined) return;
  if (calledUs - wantedUs >= HANDOVER_US) append(handovers, threadOf(exchange), wantedUs, calledUs);
}

function noteOpening({ openings }: Cell, exchange: Exchange): void {
  const { dispatchedUs, connectedUs, connection, thread } = exchange;
  if (typeof dispatchedUs !== 'number' || typeof connectedUs !== 'number' || thread === undefined) return;
  if (connectedUs - dispatchedUs >= HANDOVER_US)
    append(openings, threadOf(exchange), dispatchedUs, connectedUs, connection ?? -1);
}

function append(lists: Map<string, number[]>, key: string, ...numbers: readonly number[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...numbers]);
  else list.push(...numbers);
}
