import type { Cell } from './fold.ts';
import { type HeldBefore, heldUs } from './held.ts';
import type { Late } from './late.ts';
import { type Levels, largestFall, levelsOf, type Wanted, wantedOf } from './levels.ts';
import { heldOpeningUs, type WaitsBefore } from './opening.ts';
import { ABREAST_FACTOR, ABREAST_SHARE, type Overlap, seriality } from './overlap.ts';
import { type Preparation, preparationOf } from './preparation.ts';
import { possibleWallUs, type Release } from './replay.ts';
import { askedSpans, extent, type Spans, sentSpans, sweep } from './spans.ts';
import type { Step } from './steps.ts';

/** What is known of a run beside its exchanges. */
export interface Facts {
  /** The end of the run, in its own time; else the last time that any exchange has. Closes what is still open. */
  readonly endedUs?: number;
  /** How many were wanted at once, where nobody saw it: as the user says (`--asked N`), or the trace's run. */
  readonly asked?: number;
  /** CPU time that requests cost the client, from the first one asked to the last one read. */
  readonly clientCpuUs?: number;
}

/** What a set of exchanges was: the whole program, an origin, or what one line asked for. */
export interface Judgement {
  readonly overlap: Overlap;
  /** Where the exchanges were held up; `none` where they were not, or nobody can tell. */
  readonly step: Step | 'none';
  /** The most that were wanted at once; null where nobody saw it. */
  readonly asked: number | null;
  readonly requests: number;
  readonly exchanges: number;
  readonly answered: number;
  readonly failed: number;
  readonly neverSent: number;
  /** `full`: the part of the time, up to the last request sent, in which as many as `max` were. */
  readonly inFlight: { readonly mean: number; readonly max: number; readonly full: number };
  readonly funnel: Levels;
  readonly wallUs: number;
  /** null where nothing can be said of it. */
  readonly possibleWallUs: number | null;
  readonly factor: number | null;
  /** How long the program did something else first, for each request, before it called for any. */
  readonly preparationUs: number;
  /** Why a judgement is as it is, where it is not the plain rule. */
  readonly because: Because | null;
}

/** The reasons that need words of their own. */
export type Because = 'nothing' | 'only one' | 'never sent' | 'asked unseen' | 'client is the limit';

/** What holds for every set of exchanges of a run. */
export interface Setting {
  readonly endedUs: number;
  /** What was wanted at once, where it was declared and not seen. */
  readonly declared: number | null;
  readonly cpuPerRequestUs: number | null;
  readonly held: HeldBefore;
  readonly waits: WaitsBefore;
  /** The cells that their server queued. */
  readonly queued: ReadonlySet<Cell>;
  /** Answers that were there and were not taken up. */
  readonly late: Late | undefined;
}

/** What has been measured of a set of exchanges, before it is judged. */
interface Measured {
  readonly cells: readonly Cell[];
  readonly asked: Spans;
  readonly sent: Spans;
  readonly wanted: Wanted;
  readonly levels: Levels;
  readonly wallUs: number;
  readonly preparation: Preparation;
}

/** Judges a set of exchanges by the rules of the funnel. */
export function judge(cells: readonly Cell[], setting: Setting): Judgement {
  const measured = measure(cells, setting);
  const { overlap, step, because, possibleUs } = verdictOf(measured, setting);
  const { wallUs, levels, wanted } = measured;
  const total = (count: (cell: Cell) => number) => cells.reduce((sum, cell) => sum + count(cell), 0);
  return {
    overlap,
    step,
    asked: wanted.max,
    requests: total((cell) => cell.rows.length - cell.again),
    exchanges: total((cell) => cell.rows.length),
    answered: total((cell) => cell.answered),
    failed: total((cell) => cell.failed),
    neverSent: measured.asked.starts.length - measured.sent.starts.length,
    inFlight: inFlightOf(measured),
    funnel: levels,
    wallUs,
    possibleWallUs: possibleUs,
    factor: possibleUs === null || possibleUs === 0 ? null : wallUs / possibleUs,
    preparationUs: measured.preparation.us,
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

function measure(cells: readonly Cell[], { endedUs, declared, held, waits }: Setting): Measured {
  const asked = askedSpans(cells, endedUs);
  const sent = sentSpans(cells, endedUs);
  const wanted = wantedOf(cells, asked, declared);
  const levels = levelsOf(cells, wanted, endedUs, {
    calledUs: heldUs(cells, held),
    openingUs: heldOpeningUs(cells, waits),
  });
  const wallUs = asked.ends.length === 0 ? 0 : asked.ends.at(-1)! - asked.starts[0]!;
  return { cells, asked, sent, wanted, levels, wallUs, preparation: preparationOf(cells, asked, held) };
}

type Verdict = Pick<Judgement, 'overlap' | 'step' | 'because'> & { readonly possibleUs: number | null };

function verdictOf(measured: Measured, setting: Setting): Verdict {
  const unknown = (because: Because): Verdict => ({
    overlap: 'unknown',
    step: 'none',
    because,
    possibleUs: null,
  });
  const count = measured.asked.starts.length;
  if (count === 0) return unknown('nothing');
  if (measured.sent.starts.length === 0) return unknown('never sent');
  if (count === 1) return unknown('only one');
  if (setting.cpuPerRequestUs !== null && medianWaitUs(measured.cells) < setting.cpuPerRequestUs)
    return { overlap: 'abreast', step: 'none', because: 'client is the limit', possibleUs: measured.wallUs };
  const serial = seriality(measured.cells, measured.asked, measured.sent, setting.endedUs);
  if (serial.sent) return serialVerdict(measured, setting, serial.asked);
  if (setting.late !== undefined) return lateVerdict(measured, setting.late);
  const queued = !isClientBusy(measured, setting) && isQueuedByServers(measured.cells, setting);
  return measured.levels.asked === null
    ? verdictWithoutAsked(measured, setting, queued)
    : verdictWithAsked(measured, setting, measured.levels.asked, queued);
}

function serialVerdict(measured: Measured, setting: Setting, askedSerially: boolean): Verdict {
  const step = askedSerially ? 'asked' : largestFall(measured.levels);
  return { overlap: 'serial', step, because: null, possibleUs: possible(measured.cells, setting, step) };
}

/** What the threads computed while answers lay there could be done elsewhere, or later. */
function lateVerdict({ asked, cells, wallUs, wanted }: Measured, { busyUs }: Late): Verdict {
  const turns = Math.ceil(asked.starts.length / (wanted.max ?? asked.starts.length));
  const possibleUs = Math.min(wallUs, Math.max(wallUs - busyUs, turns * shortestUs(cells)));
  return { overlap: 'partly', step: 'read', because: null, possibleUs };
}

/** Nobody saw what was asked: only an overlap of nearly all of them says something. */
function verdictWithoutAsked(measured: Measured, setting: Setting, queued: boolean): Verdict {
  const { asked, cells, levels, wallUs } = measured;
  const count = asked.starts.length;
  const together =
    levels.sent >= ABREAST_SHARE * count ||
    isSlowToBegin(measured, count, wallUs - possible(cells, setting, 'asked'));
  if (together && !queued) return { overlap: 'abreast', step: 'none', because: null, possibleUs: wallUs };
  return { overlap: 'unknown', step: 'none', because: 'asked unseen', possibleUs: null };
}

function verdictWithAsked(measured: Measured, setting: Setting, asked: number, queued: boolean): Verdict {
  const { cells, levels, preparation, wanted } = measured;
  const possibleUs = possible(cells, setting, 'none');
  const wallUs = measured.wallUs - preparation.us;
  // As if those that were prepared had been asked for when the first was called.
  const called = (asked * wanted.busyUs - preparation.wantedUs) / wanted.busyUs;
  const abreast =
    (levels.sent >= ABREAST_SHARE * called && wallUs < ABREAST_FACTOR * possibleUs) ||
    isSlowToBegin(measured, wanted.max!, wallUs - possibleUs);
  if (queued && (abreast || levels.sent > asked / 2))
    return {
      overlap: 'partly',
      step: 'answered',
      because: null,
      possibleUs: possible(cells, setting, 'answered'),
    };
  if (abreast) return { overlap: 'abreast', step: 'none', because: null, possibleUs };
  return { overlap: 'partly', step: largestFall(levels), because: null, possibleUs };
}

/**
 * Nearly all that were wanted at once were in flight at once, and little more was lost than the time in which look-ups,
 * handshakes and the libraries' first use are done with, once for all: a longer run would lose no more. Where
 * some waited to be let go while others went, that is another matter.
 */
function isSlowToBegin(measured: Measured, most: number, lostUs: number): boolean {
  if (largestFall(measured.levels) === 'dispatched' && !isWaitShared(measured)) return false;
  // Where each that is asked puts the next off, the replay loses little, and each still waits long.
  const longestUs = Math.max(lostUs, unsentUs(measured) - preparedUs(measured));
  return (
    extent(measured.sent).max >= BEGUN_SHARE * most &&
    longestUs < BEGINNING_ANSWERS * shortestUs(measured.cells)
  );
}

/** How long an exchange waited in the mean from asked to sent; 0 where nobody saw it asked. */
function unsentUs({ asked, levels, wanted }: Measured): number {
  if (levels.asked === null) return 0;
  return ((levels.asked - levels.sent) * wanted.busyUs) / asked.starts.length;
}

/** How much of that the program did something else first. */
function preparedUs({ asked, preparation }: Measured): number {
  return preparation.wantedUs / asked.starts.length;
}

/** Whether all waited to be sent about as long as the one that waited longest. */
function isWaitShared(measured: Measured): boolean {
  let longestUs = 0;
  for (const cell of measured.cells) {
    cell.rows.visit((asked, sent) => {
      if (sent !== Infinity) longestUs = Math.max(longestUs, sent - asked);
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
const BEGINNING_ANSWERS = 2;

/** A busy client takes answers up one by one, which looks like a queue at the server. */
function isClientBusy({ asked, wanted }: Measured, { cpuPerRequestUs }: Setting): boolean {
  return cpuPerRequestUs !== null && cpuPerRequestUs * asked.starts.length > 0.8 * wanted.busyUs;
}

/** Whether the cells that hold most of the waiting were queued. */
function isQueuedByServers(cells: readonly Cell[], { queued }: Setting): boolean {
  const waiting = (own: readonly Cell[]) => own.reduce((sum, cell) => sum + cell.sent.closedUs, 0);
  return waiting(cells.filter((cell) => queued.has(cell))) > waiting(cells) / 2;
}

function possible(cells: readonly Cell[], { endedUs, declared }: Setting, step: Step | 'none'): number {
  const release: Release =
    declared !== null
      ? { how: 'slots', slots: declared }
      : { how: step === 'asked' ? 'all at once' : 'as asked' };
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
