import type { Cell } from '../cell.ts';
import type { Evidence } from '../evidence.ts';
import { calledOf, placeOf } from '../languages/frames.ts';
import { duration, shortMs } from '../numbers.ts';
import { shortPlace } from '../scene/modules.ts';
import { LEAST_LOST_US } from '../thresholds.ts';
import { gapsOf, lengthOf } from './gaps.ts';
import { type Part, type PartKind, partsOf } from './parts.ts';
import { type Program, programOf } from './program.ts';

/** Where the time of a run went in which no request was wanted. In milliseconds. */
export interface WholeTime {
  readonly beforeMs: number;
  readonly betweenMs: number;
  readonly afterMs: number;
  /** What the program did then, the longest first; what nobody saw is in none. */
  readonly parts: readonly TimePart[];
  /** The same for people; null where it is not worth a line. */
  readonly text: string | null;
}

export interface TimePart {
  /** `run-queue`: its threads waited for a CPU, in all of the run. */
  readonly kind: PartKind | 'run-queue';
  readonly ms: number;
  /** 'file:line' of the program. */
  readonly at?: string;
  readonly function?: string;
}

/** Less of the run, and less than this, is what any program needs to begin and to end. */
const WORTH_A_LINE = 0.2;
const WORTH_A_LINE_US = 500_000;

const PARTS_KEPT = 10;
const PARTS_TOLD = 3;
/** A part that takes less of the time is left out of the text. */
const LEAST_TOLD = 0.1;

/** null where no recorder saw when the program began. */
export function wholeTime(cells: readonly Cell[], evidence: Evidence, endedUs: number): WholeTime | null {
  const program = programOf(evidence, endedUs);
  if (program === undefined || cells.length === 0) return null;
  const gaps = gapsOf(cells, program.fromUs, program.toUs);
  const parts = partsOf(gaps, program, evidence);
  const runQueueUs = program.processes.reduce((sum, process) => sum + (process.runQueueUs ?? 0), 0);
  const isServer = evidence.unit.some(({ type }) => type === 'served-request'); // it waits to be asked
  const told = [...(isServer ? [] : tellGaps(gaps, parts, program)), ...tellRunQueue(runQueueUs, program)];
  return {
    beforeMs: shortMs(lengthOf(gaps, 'before')),
    betweenMs: shortMs(lengthOf(gaps, 'between')),
    afterMs: shortMs(lengthOf(gaps, 'after')),
    parts: [
      ...parts.slice(0, PARTS_KEPT).map(jsonOf),
      ...(runQueueUs === 0 ? [] : [{ kind: 'run-queue', ms: shortMs(runQueueUs) } as const]),
    ],
    text: told.length === 0 ? null : told.join(' '),
  };
}

/**
 * '; besides, 3.2 s in parse (slow.py:31)': what the program computed most in one place, where it did without requests for
 * longer than with them; else ''. Samples see a part of what threads compute that share an interpreter.
 */
export function longestWork(time: WholeTime | null, requestsMs: number): string {
  const part = time?.parts.find(({ kind }) => kind !== 'run-queue');
  if (time === null || part?.kind !== 'cpu' || part.at === undefined || part.function === undefined)
    return '';
  const withoutMs = time.beforeMs + time.betweenMs + time.afterMs;
  const isLong = withoutMs >= Math.max(requestsMs, WORTH_A_LINE_US / 1_000);
  const leastMs = Math.max(LEAST_LOST_US / 1_000, LEAST_TOLD * withoutMs);
  if (!isLong || part.ms < leastMs || isToplevel(part.function)) return '';
  return `; besides, ${duration(1_000 * part.ms)} in ${part.function} (${shortPlace(part.at)})`;
}

function isToplevel(name = '<module>'): boolean {
  return /^<module>$|^<top /.test(name);
}

function jsonOf({ kind, us, frame }: Part): TimePart {
  if (frame === undefined) return { kind, ms: shortMs(us) };
  const { file, line, function: name } = frame;
  return { kind, ms: shortMs(us), at: `${file}:${line}`, ...(name !== undefined && { function: name }) };
}

function tellGaps(gaps: ReturnType<typeof gapsOf>, parts: readonly Part[], program: Program): string[] {
  const allUs = program.toUs - program.fromUs;
  const withoutUs = lengthOf(gaps);
  if (!isWorthALine(withoutUs, allUs)) return [];
  const where = (['before', 'between', 'after'] as const)
    .map((name) => ({ name, us: lengthOf(gaps, name) }))
    .filter(({ us }) => us >= LEAST_TOLD * withoutUs)
    .map(({ name, us }) => `${duration(us)} ${WHERE[name]}`);
  const main = parts.filter(({ us }) => us >= LEAST_TOLD * withoutUs).slice(0, PARTS_TOLD);
  return [
    `Of ${duration(allUs)}, ${duration(withoutUs)} had no request under way: ${where.join(', ')}.`,
    ...(main.length === 0 ? [] : [`Of these, ${main.map(partText).join('; ')}.`]),
  ];
}

const WHERE = { before: 'before the first', between: 'between them', after: 'after the last' } as const;

function isWorthALine(us: number, allUs: number): boolean {
  return us >= WORTH_A_LINE_US || us >= WORTH_A_LINE * allUs;
}

/** '3.2 s in parse (slow.py:31), on one thread' */
function partText({ kind, us, frame, threads, child, waited }: Part): string {
  const at = frame === undefined ? '' : ` (${placeOf(frame)})`;
  if (kind !== 'cpu') return `${duration(us)} ${WAITED[kind]}${child === undefined ? '' : `, ${child}`}${at}`;
  const on = threads === 1 ? ', on one thread' : '';
  if (frame === undefined)
    return waited ? `${duration(us)} computing, or waiting for a CPU` : `${duration(us)} of its own CPU${on}`;
  const name = isToplevel(frame.function) ? placeOf(frame) : `${calledOf(frame)}${at}`;
  return `${duration(us)} in ${name}${on}`;
}

const WAITED: Readonly<Record<Exclude<PartKind, 'cpu'>, string>> = {
  database: 'waiting for a database',
  file: 'waiting for files',
  child: 'waiting for a child process',
  sleep: 'asleep',
  lock: 'waiting for a lock',
  other: 'waiting for something else',
};

/** Time that no thread lost by itself: it was ready, and others had the processor. */
function tellRunQueue(us: number, { fromUs, toUs }: Program): string[] {
  const allUs = toUs - fromUs;
  return us >= WORTH_A_LINE_US && us >= WORTH_A_LINE * allUs
    ? [`Its threads waited ${duration(us)} for a CPU, in all.`]
    : [];
}
