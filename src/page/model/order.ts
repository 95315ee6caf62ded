import { membersOf, type PhaseJson } from '../../diagnose/browser.ts';
import type { Exchange, Stack } from '../../trace/browser.ts';
import { SEGMENT_KINDS, type SegmentKind, type Segments, waitedFor } from './segments.ts';
import type { TimeColumns } from './times.ts';

/** What the rows are sorted by. */
export const SORT_KEYS = ['start', 'wait', 'duration', 'origin'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** What an exchange came to. */
export const OUTCOMES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'failed', 'unfinished'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Which exchanges are shown: those that meet all that is given. */
export interface Filter {
  /** Within the method, URL, origin, status or error, in any case. */
  readonly text: string;
  readonly outcome: Outcome | null;
  readonly origin: string | null;
  /** What it waited for longest. */
  readonly longest: SegmentKind | null;
  readonly phase: PhaseJson | null;
}

export const NO_FILTER: Filter = { text: '', outcome: null, origin: null, longest: null, phase: null };

/** What the exchanges are told apart by. */
export interface Listed {
  readonly exchange: readonly Exchange[];
  readonly stack: readonly Stack[];
}

/** The places of the exchanges that are shown, in order. */
export function orderOf(
  listed: Listed,
  times: TimeColumns,
  segments: Segments,
  filter: Filter,
  key: SortKey,
): Int32Array {
  const isShown = filterOf(listed, times, segments, filter);
  const shown: number[] = [];
  for (let at = 0; at < listed.exchange.length; at++)
    if (times.isTimed[at] === 1 && isShown(at)) shown.push(at);
  const compare = comparing(listed.exchange, times, key);
  return Int32Array.from(shown.sort((a, b) => compare(a, b) || times.wanted[a]! - times.wanted[b]! || a - b));
}

/** Longest first where it is a time that is compared. */
function comparing(
  exchanges: readonly Exchange[],
  { wanted, sent, end }: TimeColumns,
  key: SortKey,
): (a: number, b: number) => number {
  switch (key) {
    case 'start':
      return () => 0;
    case 'wait':
      return (a, b) => sent[b]! - wanted[b]! - (sent[a]! - wanted[a]!);
    case 'duration':
      return (a, b) => end[b]! - wanted[b]! - (end[a]! - wanted[a]!);
    case 'origin':
      return (a, b) => compareText(exchanges[a]!.origin, exchanges[b]!.origin);
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function filterOf(
  listed: Listed,
  times: TimeColumns,
  segments: Segments,
  { text, outcome, origin, longest, phase }: Filter,
): (at: number) => boolean {
  const { exchange: exchanges } = listed;
  const tests: ((at: number) => boolean)[] = [];
  if (origin !== null) tests.push((at) => exchanges[at]!.origin === origin);
  if (outcome !== null) tests.push((at) => outcomeOf(exchanges[at]!, times.isOpen[at] === 1) === outcome);
  if (longest !== null) tests.push((at) => longestOf(segments, at) === longest);
  if (phase !== null) tests.push(inPhase(listed, phase));
  const wanted = text.trim().toLowerCase();
  if (wanted !== '') tests.push((at) => textOf(exchanges[at]!).toLowerCase().includes(wanted));
  return (at) => tests.every((test) => test(at));
}

/** The verdict's times are rounded. */
const ROUNDED_US = 1_000;

function inPhase(
  { stack, exchange }: Listed,
  { at: line, origin, fromMs, toMs }: PhaseJson,
): (at: number) => boolean {
  const within = { fromUs: fromMs * 1_000 - ROUNDED_US, untilUs: toMs * 1_000 + ROUNDED_US };
  const isOf = membersOf({ at: line, origin, within }, stack);
  return (at) => isOf(exchange[at]!);
}

/** What an exchange came to: its status, or that it failed, or that nobody saw its end. */
export function outcomeOf({ error, status, failedUs }: Exchange, isOpen: boolean): Outcome {
  if (typeof error === 'string') return 'failed';
  if (typeof status === 'number' && status >= 100 && status < 600)
    return OUTCOMES[Math.floor(status / 100) - 1]!;
  return isOpen || failedUs !== undefined ? 'unfinished' : '2xx';
}

function textOf({ method, url, origin, status, error }: Exchange): string {
  return `${method ?? ''} ${url ?? origin} ${status ?? ''} ${error ?? ''}`;
}

/** What an exchange waited for longest; null where it took no time. */
export function longestOf(segments: Segments, at: number): SegmentKind | null {
  const sums = waitedFor(segments, at);
  const most = Math.max(...sums);
  return most > 0 ? SEGMENT_KINDS[sums.indexOf(most)]! : null;
}
