import type { Cell } from '../cell.ts';
import { CUT_OFF, type Failure } from '../failure.ts';
import { FLAG } from '../rows.ts';
import { sinceLast } from '../spans.ts';
import { reasonOf } from './reasons.ts';

/** How the exchanges of a set ended that were not read. */
export interface Endings {
  readonly failed: number;
  /** Given up when another one had its answer: the slower of two mirrors. */
  readonly cancelled: number;
  /** Without an answer when the program ended. */
  readonly underWay: number;
  /** Why those failed that failed, the most common reason first, each with the URL of one. */
  readonly reasons: readonly Reason[];
}

export interface Reason {
  readonly text: string;
  readonly count: number;
  readonly url: string;
}

/** Tells failures from what a program gave up on purpose. */
export type EndingsOf = (cells: readonly Cell[]) => Endings;

/** So soon after an answer, what is given up is given up for its sake. */
const AT_ONCE_US = 20_000;
/** What is given up without failing has waited no longer than others do for their answer. */
const NO_LONGER = 1.1;

/** @param all the cells of the run, among which siblings are looked for */
export function endingsAmong(all: readonly Cell[]): EndingsOf {
  const run = all.some(({ failures }) => failures.some(({ isStopped }) => isStopped))
    ? runOf(all)
    : undefined;
  return (cells) => {
    const failures = cells.flatMap((cell) => cell.failures);
    const ways = Map.groupBy(failures, (failure) => (run === undefined ? 'failed' : wayOf(failure, run)));
    const cancelled = ways.get('cancelled')?.length ?? 0;
    const closed = ways.get('under way')?.length ?? 0;
    return {
      failed: cells.reduce((sum, cell) => sum + cell.failed, 0) - cancelled - closed,
      cancelled,
      underWay: closed + cells.reduce((sum, cell) => sum + openOf(cell), 0),
      reasons: reasonsOf(ways.get('failed') ?? []),
    };
  };
}

/** What a failure is held against. */
interface Run {
  /** When exchanges ended that were not given up, in order. */
  readonly ends: Float64Array;
  readonly longestUs: number;
}

function runOf(all: readonly Cell[]): Run {
  const ends: number[] = [];
  let longestUs = 0;
  for (const { rows, failures } of all) {
    rows.visit((_wanted, sent, answered, end, _dispatched, _connected, flags) => {
      if (flags & FLAG.failed || answered === Infinity) return;
      const endUs = end === Infinity ? answered : end;
      ends.push(endUs);
      longestUs = Math.max(longestUs, endUs - sent);
    });
    for (const { isStopped, endUs } of failures) if (!isStopped) ends.push(endUs);
  }
  return { ends: Float64Array.from(ends).sort(), longestUs };
}

function wayOf({ isStopped, error, endUs, lastedUs }: Failure, { ends, longestUs }: Run) {
  if (!isStopped || lastedUs > NO_LONGER * longestUs + AT_ONCE_US) return 'failed';
  if (error === CUT_OFF) return 'under way';
  if (sinceLast(ends, endUs) <= AT_ONCE_US) return 'cancelled';
  const isLast = (ends.at(-1) ?? -Infinity) <= endUs;
  return isLast && error === 'closed' ? 'under way' : 'failed';
}

/** Sent, and neither answered nor given up. */
function openOf({ rows, sent }: Cell): number {
  if (sent.open === 0) return 0;
  let open = 0;
  rows.visit((_wanted, sentUs, answered, end) => {
    if (end === Infinity && sentUs !== Infinity && answered === Infinity) open++;
  });
  return open;
}

function reasonsOf(failures: readonly Failure[]): Reason[] {
  return [...Map.groupBy(failures, reasonOf)]
    .map(([text, own]) => ({ text, count: own.length, url: own.reduce(earlier).url }))
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}

/** The order of records must not matter. */
function earlier(one: Failure, other: Failure): Failure {
  return other.wantedUs < one.wantedUs || (other.wantedUs === one.wantedUs && other.url < one.url)
    ? other
    : one;
}
