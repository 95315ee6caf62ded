import type { Cell } from './cell.ts';
import type { Endings, EndingsOf } from './failures/endings.ts';
import { type HeldBefore, heldUs } from './held.ts';
import type { Late } from './late.ts';
import { type Demand, demandOf, type Levels, largestFall, levelsOf } from './levels.ts';
import { heldOpeningUs, type WaitsBefore } from './opening.ts';
import { CONCURRENT_FACTOR, CONCURRENT_SHARE, type Overlap, seriality } from './overlap.ts';
import { type Preparation, preparationOf } from './preparation.ts';
import { possibleWallUs, type Release } from './replay.ts';
import { type Batches, batchesOf } from './rounds/batches.ts';
import { extent, type Spans, sentSpans, sweep, wantedSpans } from './spans.ts';
import type { Step } from './steps.ts';

/** What is known of a run beside its exchanges. */
export interface Facts {
  /** The end of the run, in its own time; else the last time that any exchange has. Closes what is still open. */
  readonly endedUs?: number;
  /** How many were wanted at once, where nobody saw it: as the user says (`--wanted N`), or the trace's run. */
  readonly wanted?: number;
  /** CPU time that requests cost the client, from the first one wanted to the last one read. */
  readonly clientCpuUs?: number;
}

/** What a set of exchanges was: the whole program, an origin, or what one line asked for. */
export interface Judgement {
  readonly overlap: Overlap;
  /** Where the exchanges were held up; `none` where they were not, or nobody can tell. */
  readonly step: Step | 'none';
  /** The most that were wanted at once; null where nobody saw it. */
  readonly wanted: number | null;
  readonly requests: number;
  readonly exchanges: number;
  readonly answered: number;
  readonly endings: Endings;
  readonly neverSent: number;
  /** `full`: the part of the time, up to the last request sent, in which as many as `max` were. */
  readonly inFlight: { readonly mean: number; readonly max: number; readonly full: number };
  readonly funnel: Levels;
  /** When the first was wanted. */
  readonly fromUs: number;
  /** How much of that at least one was wanted and not read. */
  readonly busyUs: number;
  /** From the first wanted to the last read. */
  readonly wallUs: number;
  /** null where nothing can be said of it. */
  readonly possibleWallUs: number | null;
  readonly factor: number | null;
  /** How long the program did something else first, for each request, before it called for any. */
  readonly preparationUs: number;
  /** Where requests go in batches, and that costs time. */
  readonly batches: Batches | null;
  /** Whether nearly all had to follow the one before, or need not have; null where nobody looked. */
  readonly dependence: Dependence | null;
  /** Why a judgement is as it is, where it is not the plain rule. */
  readonly because: VerdictReason | null;
}

/** The reasons that need words of their own. */
export type VerdictReason =
  | 'nothing'
  | 'only one'
  | 'never sent'
  | 'wanted unseen'
  | 'client is the limit'
  | 'dependent'
  | 'throttled'
  | 'two trips';

export type Dependence = 'dependent' | 'independent';

/** What holds for every set of exchanges of a run. */
export interface Setting {
  readonly endedUs: number;
  /** What was wanted at once, where it was declared and not seen. */
  readonly declared: number | null;
  /** Nothing held requests back, as the command says: what was sent is what was wanted. */
  readonly isFree: boolean;
  readonly cpuPerRequestUs: number | null;
  readonly held: HeldBefore;
  readonly waits: WaitsBefore;
  readonly endingsOf: EndingsOf;
  /** Whether the server queued the exchanges of a cell. */
  readonly isQueued: (cell: Cell) => boolean;
  /** Whether batches may be told from rounds: those of one line are its work, those of several may be steps of it. */
  readonly isOneLine: boolean;
  /** Whether rounds that begin at these times are stages of one work (see rounds/stages.ts). */
  readonly isStaged: (cells: readonly Cell[], begins: ArrayLike<number>) => boolean;
  /** Answers that were there and were not taken up. */
  readonly late: Late | undefined;
}

/** What has been measured of a set of exchanges, before it is judged. */
interface Measured {
  readonly cells: readonly Cell[];
  readonly wanted: Spans;
  readonly sent: Spans;
  readonly demand: Demand;
  readonly levels: Levels;
  readonly wallUs: number;
  readonly preparation: Preparation;
}

/** Judges a set of exchanges by the rules of the funnel. */
export function judge(cells: readonly Cell[], setting: Setting): Judgement {
  const measured = measure(cells, setting);
  const {
    overlap,
    step,
    because,
    possibleUs,
    batches = null,
  } = withBatches(verdictOf(measured, setting), measured, setting);
  const { wallUs, levels, demand } = measured;
  const total = (count: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + count(cell), 0);
  return {
    overlap,
    step,
    wanted: demand.max,
    requests: total((cell) => cell.rows.length - cell.again),
    exchanges: total((cell) => cell.rows.length),
    answered: total((cell) => cell.answered),
    endings: setting.endingsOf(cells),
    neverSent: measured.wanted.starts.length - measured.sent.starts.length,
    inFlight: inFlightOf(measured),
    funnel: levels,
    fromUs: measured.wanted.starts[0] ?? 0,
    busyUs: demand.busyUs,
    wallUs,
    possibleWallUs: possibleUs,
    factor: possibleUs === null || possibleUs === 0 ? null : wallUs / possibleUs,
    preparationUs: measured.preparation.us,
    batches,
    dependence: dependenceOf(cells),
    because,
  };
}

function inFlightOf({ levels, sent }: Measured): Judgement['inFlight'] {
  const { max } = extent(sent);
  const lastUs = sent.starts.at(-1) ?? 0;
  let allUs = 0;
  let fullUs = 0;
  sweep(sent, (from, to, level) => {
    const us = Math.max(0, Math.min(to, lastUs) - from);
    if (level > 0) allUs += us;
    if (level === max) fullUs += us;
  });
  return { mean: levels.sent, max, full: allUs === 0 ? 0 : fullUs / allUs };
}

function measure(cells: readonly Cell[], { endedUs, declared, isFree, held, waits }: Setting): Measured {
  const wanted = wantedSpans(cells, endedUs);
  const sent = sentSpans(cells, endedUs);
  const demand = demandOf(cells, wanted, declared, isFree);
  const levels = levelsOf(cells, demand, endedUs, {
    calledUs: heldUs(cells, held),
    openingUs: heldOpeningUs(cells, waits),
  });
  const wallUs = wanted.ends.length === 0 ? 0 : wanted.ends.at(-1)! - wanted.starts[0]!;
  return { cells, wanted, sent, demand, levels, wallUs, preparation: preparationOf(cells, wanted, held) };
}

type OverlapAndStep = Pick<Judgement, 'overlap' | 'step' | 'because'> & {
  readonly possibleUs: number | null;
  readonly batches?: Batches;
};

/** All that was wanted was in flight, or nobody saw what was wanted: it may be that too little was wanted at a time. */
function withBatches(verdict: OverlapAndStep, { cells, wallUs }: Measured, setting: Setting): OverlapAndStep {
  const { step, because, overlap, possibleUs } = verdict;
  const isOpen = step === 'none' && (because === null || because === 'wanted unseen');
  // What was wanted waited, and yet the run could hardly have been shorter by that: a busy machine makes such beginnings.
  const isSmall = overlap === 'partly' && possibleUs !== null && wallUs < LEAST_FACTOR * possibleUs;
  const batches =
    (isOpen || isSmall) && setting.isOneLine
      ? batchesOf(cells, setting.endedUs, setting.isStaged)
      : undefined;
  if (batches === undefined) return verdict;
  return { overlap: 'partly', step: 'wanted', because: null, possibleUs: batches.possibleUs, batches };
}

function verdictOf(measured: Measured, setting: Setting): OverlapAndStep {
  const unknown = (because: VerdictReason): OverlapAndStep => ({
    overlap: 'unknown',
    step: 'none',
    because,
    possibleUs: null,
  });
  const count = measured.wanted.starts.length;
  if (count === 0) return unknown('nothing');
  if (measured.sent.starts.length === 0) return unknown('never sent');
  if (count === 1) return unknown('only one');
  if (setting.cpuPerRequestUs !== null && medianWaitUs(measured.cells) < setting.cpuPerRequestUs)
    return {
      overlap: 'concurrent',
      step: 'none',
      because: 'client is the limit',
      possibleUs: measured.wallUs,
    };
  const serial = seriality(measured.cells, measured.wanted, measured.sent, setting.endedUs);
  if (serial.sent) return serialVerdict(measured, setting, serial.wanted);
  if (setting.late !== undefined) return lateVerdict(measured, setting.late);
  const queued =
    !isClientBusy(measured, setting) &&
    isQueuedByServers(measured.cells, setting) &&
    measured.wallUs >= LEAST_FACTOR * possible(measured.cells, setting, 'answered');
  return measured.levels.wanted === null
    ? verdictWithoutWanted(measured, setting, queued)
    : verdictWithWanted(measured, setting, measured.levels.wanted, queued);
}

function serialVerdict(measured: Measured, setting: Setting, wantedSerially: boolean): OverlapAndStep {
  const step = wantedSerially ? 'wanted' : largestFall(measured.levels);
  const { cells, wallUs } = measured;
  if (step === 'wanted' && dependenceOf(cells) === 'dependent')
    return { overlap: 'serial', step, because: 'dependent', possibleUs: wallUs };
  // What the program does between two requests stays to be done.
  const betweenUs = step === 'wanted' ? wallUs - measured.demand.busyUs : 0;
  return {
    overlap: 'serial',
    step,
    because: null,
    possibleUs: Math.min(wallUs, possible(cells, setting, step) + betweenUs),
  };
}

/** Whether nine of ten had to follow the one before, or need not have; null where nobody looked. The first follows none. */
function dependenceOf(cells: readonly Cell[]): Dependence | null {
  const total = (count: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + count(cell), 0);
  const most = NEARLY_ALL * (total(({ rows }) => rows.length) - 1);
  if (total(({ dependent }) => dependent) >= most) return 'dependent';
  return total(({ independent }) => independent) >= most ? 'independent' : null;
}

const NEARLY_ALL = 0.9;

/** What the threads computed while answers lay there could be done elsewhere, or later. */
function lateVerdict({ wanted, cells, wallUs, demand }: Measured, { busyUs }: Late): OverlapAndStep {
  const turns = Math.ceil(wanted.starts.length / (demand.max ?? wanted.starts.length));
  const possibleUs = Math.min(wallUs, Math.max(wallUs - busyUs, turns * shortestUs(cells)));
  return { overlap: 'partly', step: 'read', because: null, possibleUs };
}

/** Nobody saw what was asked: only an overlap of nearly all of them says something. */
function verdictWithoutWanted(measured: Measured, setting: Setting, queued: boolean): OverlapAndStep {
  const { wanted, cells, levels, wallUs } = measured;
  const count = wanted.starts.length;
  const together =
    levels.sent >= CONCURRENT_SHARE * count ||
    isSlowToBegin(measured, count, wallUs - possible(cells, setting, 'wanted'));
  if (together && !queued) return { overlap: 'concurrent', step: 'none', because: null, possibleUs: wallUs };
  return { overlap: 'unknown', step: 'none', because: 'wanted unseen', possibleUs: null };
}

function verdictWithWanted(
  measured: Measured,
  setting: Setting,
  wanted: number,
  queued: boolean,
): OverlapAndStep {
  const { cells, levels, preparation, demand } = measured;
  const possibleUs = possible(cells, setting, 'none');
  const wallUs = measured.wallUs - preparation.us;
  // As if those that were prepared had been asked for when the first was called.
  const called = (wanted * demand.busyUs - preparation.waitedUs) / demand.busyUs;
  const concurrent =
    (levels.sent >= CONCURRENT_SHARE * called && wallUs < CONCURRENT_FACTOR * possibleUs) ||
    isSlowToBegin(measured, demand.max!, wallUs - possibleUs);
  if (queued && (concurrent || levels.sent > wanted / 2))
    return {
      overlap: 'partly',
      step: 'answered',
      because: null,
      possibleUs: possible(cells, setting, 'answered'),
    };
  if (concurrent) return { overlap: 'concurrent', step: 'none', because: null, possibleUs };
  return { overlap: 'partly', step: largestFall(levels), because: null, possibleUs };
}

/**
 * Nearly all that were wanted at once were in flight at once, and little more was lost than the time in which look-ups,
 * handshakes and the libraries' first use are done with, once for all: a longer run would lose no more. Where
 * some waited to be let go while others went, that is another matter.
 */
function isSlowToBegin(measured: Measured, most: number, lostUs: number): boolean {
  if (largestFall(measured.levels) === 'dispatched' && !isWaitShared(measured)) return false;
  // Where each that is wanted puts the next off, the replay loses little, and each still waits long.
  const longestUs = Math.max(lostUs, unsentUs(measured) - preparedUs(measured));
  return (
    extent(measured.sent).max >= BEGUN_SHARE * most &&
    longestUs < BEGINNING_ANSWERS * shortestUs(measured.cells)
  );
}

/** How long an exchange waited in the mean from wanted to sent; 0 where nobody saw it wanted. */
function unsentUs({ wanted, levels, demand }: Measured): number {
  if (levels.wanted === null) return 0;
  return ((levels.wanted - levels.sent) * demand.busyUs) / wanted.starts.length;
}

/** How much of that the program did something else first. */
function preparedUs({ wanted, preparation }: Measured): number {
  return preparation.waitedUs / wanted.starts.length;
}

/** Whether all waited to be sent about as long as the one that waited longest. */
function isWaitShared(measured: Measured): boolean {
  let longestUs = 0;
  for (const cell of measured.cells) {
    cell.rows.visit((wanted, sent) => {
      if (sent !== Infinity) longestUs = Math.max(longestUs, sent - wanted);
    });
  }
  return unsentUs(measured) >= SHARED_WAIT * longestUs;
}

const SHARED_WAIT = 0.4;

/** From sent to read, of the quickest: others may have lain unread. */
function shortestUs(cells: readonly Cell[]): number {
  let shortest = Infinity;
  for (const cell of cells) {
    cell.rows.visit((_asked, sent, _answered, end) => {
      shortest = Math.min(shortest, end - sent);
    });
  }
  return shortest;
}

const BEGUN_SHARE = 0.95;
/** Where less was lost, a run differs as much from another. */
const LEAST_FACTOR = 1.25;
const BEGINNING_ANSWERS = 2;

/** A busy client takes answers up one by one, which looks like a queue at the server. */
function isClientBusy({ wanted, demand }: Measured, { cpuPerRequestUs }: Setting): boolean {
  return cpuPerRequestUs !== null && cpuPerRequestUs * wanted.starts.length > 0.8 * demand.busyUs;
}

/** Whether the cells that hold most of the waiting were queued. */
function isQueuedByServers(cells: readonly Cell[], { isQueued }: Setting): boolean {
  const waiting = (own: readonly Cell[]) => own.reduce((sum, cell) => sum + cell.sent.closedUs, 0);
  return waiting(cells.filter(isQueued)) > waiting(cells) / 2;
}

function possible(cells: readonly Cell[], { endedUs, declared }: Setting, step: Step | 'none'): number {
  const release: Release =
    declared !== null
      ? { how: 'slots', slots: declared }
      : { how: step === 'wanted' ? 'all at once' : 'as wanted' };
  return possibleWallUs(cells, endedUs, release, step === 'answered');
}

function medianWaitUs(cells: readonly Cell[]): number {
  const waits = new Float64Array(cells.reduce((sum, cell) => sum + cell.rows.length, 0));
  let length = 0;
  for (const cell of cells) {
    cell.rows.visit((_asked, sent, answered) => {
      if (answered !== Infinity) waits[length++] = answered - sent;
    });
  }
  return length === 0 ? Infinity : waits.subarray(0, length).sort()[length >> 1]!;
}
