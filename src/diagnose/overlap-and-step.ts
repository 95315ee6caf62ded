import type { Cell } from './cell.ts';
import type { Judgement, Setting, VerdictReason } from './judgement.ts';
import type { Late } from './late.ts';
import { largestFall } from './levels.ts';
import { dependenceOf, type Measured, medianWaitUs, preparedUs, shortestUs, unsentUs } from './measured.ts';
import { CONCURRENT_FACTOR, CONCURRENT_SHARE, seriality } from './overlap.ts';
import { possibleWallUs, type Question, UNSENT } from './replay.ts';
import type { Batches } from './rounds/batches.ts';
import { extent } from './spans.ts';
import type { Step } from './steps.ts';
import { LEAST_FACTOR, LEAST_LOST_US, MOSTLY } from './thresholds.ts';

export type OverlapAndStep = Pick<Judgement, 'overlap' | 'step' | 'because'> & {
  readonly possibleUs: number | null;
  /** Where a replay gave the possible time: what was asked of it. */
  readonly question?: Question;
  readonly batches?: Batches;
};

/** By the rules of docs/verdict.md, the first that fits. */
export function overlapAndStep(measured: Measured, setting: Setting): OverlapAndStep {
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
    measured.wallUs >= LEAST_FACTOR * possible(measured.cells, setting, 'answered').possibleUs;
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
  const { possibleUs, question } = possible(cells, setting, step, betweenUs);
  return { overlap: 'serial', step, because: null, possibleUs: Math.min(wallUs, possibleUs), question };
}

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
  const asMany = levels.dispatched === null ? wallUs : (wallUs * levels.sent) / levels.dispatched;
  if (isHeldUnsent(measured, setting, wallUs - asMany))
    return { overlap: 'partly', step: 'sent', because: null, possibleUs: asMany };
  const together =
    levels.sent >= CONCURRENT_SHARE * count ||
    isSlowToBegin(measured, count, wallUs - possible(cells, setting, 'wanted').possibleUs);
  // A client with a limit would send no more until one of them is read.
  if (setting.areUnread) return { overlap: 'unknown', step: 'none', because: 'unread', possibleUs: null };
  if (together && !queued) return { overlap: 'concurrent', step: 'none', because: null, possibleUs: wallUs };
  return isOpenedAgain(measured)
    ? { overlap: 'partly', step: 'connected', because: null, possibleUs: asMany }
    : { overlap: 'unknown', step: 'none', because: 'wanted unseen', possibleUs: null };
}

/** Whether requests have their connections, and a thread that is held sends them late: that too is known of those that were begun. */
function isHeldUnsent({ levels, wanted }: Measured, { held }: Setting, lostUs: number): boolean {
  if (lostUs < LEAST_LOST_US || levels.connected === null || largestFall(levels) !== 'sent') return false;
  if (levels.sent >= CONCURRENT_SHARE * levels.connected) return false;
  const [fromUs, toUs] = [wanted.starts[0]!, wanted.ends.at(-1)!];
  return [...held.values()].some((before) => before(toUs) - before(fromUs) >= MOSTLY * lostUs);
}

/**
 * Whether requests wait for new connections again and again: that is known of those that were begun, however many were
 * wanted. As many at once would take less time by as much as fewer of them would wait.
 */
function isOpenedAgain({ levels, sent, wallUs, cells }: Measured): boolean {
  const { dispatched, connected } = levels;
  if (dispatched === null || connected === null || largestFall(levels) !== 'connected') return false;
  const opened = cells.reduce((sum, cell) => sum + cell.dispatched.seen, 0);
  return (
    levels.sent < CONCURRENT_SHARE * dispatched &&
    opened >= OPENED_AGAIN * extent(sent).max &&
    wallUs - (wallUs * levels.sent) / dispatched >= LEAST_LOST_US
  );
}

/** So many times as many connections are opened as requests are ever under way. */
const OPENED_AGAIN = 4;

function verdictWithWanted(
  measured: Measured,
  setting: Setting,
  wanted: number,
  queued: boolean,
): OverlapAndStep {
  const { cells, levels, preparation, demand } = measured;
  const asWanted = possible(cells, setting, 'none');
  const { possibleUs } = asWanted;
  const wallUs = measured.wallUs - preparation.us;
  // As if those that were prepared had been wanted when the first was called.
  const called = (wanted * demand.busyUs - preparation.waitedUs) / demand.busyUs;
  const concurrent =
    (levels.sent >= CONCURRENT_SHARE * called && wallUs < CONCURRENT_FACTOR * possibleUs) ||
    isSlowToBegin(measured, demand.max!, wallUs - possibleUs);
  if (queued && (concurrent || levels.sent > wanted / 2))
    return {
      overlap: 'partly',
      step: 'answered',
      because: null,
      ...possible(cells, setting, 'answered'),
    };
  if (concurrent) return { overlap: 'concurrent', step: 'none', because: null, ...asWanted };
  return { overlap: 'partly', step: largestFall(levels), because: null, ...asWanted };
}

/**
 * Nearly all that were wanted at once were in flight at once, and little more was lost than the time in which look-ups,
 * handshakes and the libraries' first use are done with, once for all: a longer run would lose no more. Where
 * some waited to be dispatched while others were under way, that is another matter.
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

const BEGUN_SHARE = 0.95;
const BEGINNING_ANSWERS = 2;

/** A busy client reads answers one by one, which looks like a queue at the server. */
function isClientBusy({ wanted, demand }: Measured, { cpuPerRequestUs }: Setting): boolean {
  return cpuPerRequestUs !== null && cpuPerRequestUs * wanted.starts.length > 0.8 * demand.busyUs;
}

/** Whether the cells that hold most of the waiting were queued. */
function isQueuedByServers(cells: readonly Cell[], { isQueued }: Setting): boolean {
  const waiting = (own: readonly Cell[]) => own.reduce((sum, cell) => sum + cell.sent.closedUs, 0);
  return waiting(cells.filter(isQueued)) > waiting(cells) / 2;
}

function possible(
  cells: readonly Cell[],
  { endedUs, declared }: Setting,
  step: Step | 'none',
  betweenUs = 0,
): { readonly possibleUs: number; readonly question: Question } {
  const question: Question = {
    lifted: [
      ...(declared !== null || step === 'wanted' ? (['wanted'] as const) : []),
      ...UNSENT,
      ...(step === 'answered' ? (['answered'] as const) : []),
    ],
    atOnce: declared,
    betweenUs,
  };
  return { possibleUs: possibleWallUs(cells, endedUs, question), question };
}
