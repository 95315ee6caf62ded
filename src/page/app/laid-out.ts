import { batch, computed, effect, signal } from '@preact/signals';
import { barsOf } from '../canvas/bars.ts';
import type { Hit } from '../canvas/hit.ts';
import type { Clock } from '../canvas/ticks.ts';
import { Fold, type TimeRange, UNFOLDED } from '../canvas/time-scale.ts';
import { gapsOf } from '../model/gaps.ts';
import { type HoldersIn, holderFinder } from '../model/holder.ts';
import { type Filter, NO_FILTER, orderOf, type SortKey } from '../model/order.ts';
import { type OwnWaitIn, ownWaitFinder } from '../model/own-waits.ts';
import { pathLines } from '../model/path.ts';
import type { Recording } from '../model/recording.ts';
import { type RowMode, rowsOf } from '../model/rows.ts';
import { type Segments, segmentsAt, segmentsOf } from '../model/segments.ts';
import { type TimeColumns, timeColumns } from '../model/times.ts';
import { recordings, selected, shownRun, visible } from './state.ts';

/** How the run that is shown is laid out on the time line: what follows from the trace, and from what a person chose. */

export const rowMode = signal<RowMode>('exchange');
export const sortKey = signal<SortKey>('start');
export const filter = signal<Filter>(NO_FILTER);
export const foldsGaps = signal(false);
export const showsPath = signal(false);
/** Whether the time axis says the time of day. */
export const tellsTimeOfDay = signal(false);

/** What the waterfall shows of a run. */
export interface LaidOut {
  readonly recording: Recording;
  readonly times: TimeColumns;
  readonly segments: Segments;
  readonly gaps: readonly TimeRange[];
  readonly origins: readonly string[];
  readonly holdersIn: HoldersIn;
  readonly ownWaitIn: OwnWaitIn;
}

/** Each run that has been read, in the order of `runs`. */
export const laidOuts = computed<readonly LaidOut[]>(() => recordings.value.map(layOut));

/** The run that is shown; null until it is read. */
export const laidOut = computed<LaidOut | null>(() => laidOuts.value[shownRun.value] ?? null);

const known = new WeakMap<Recording, LaidOut>();

function layOut(recording: Recording): LaidOut {
  const kept = known.get(recording);
  if (kept !== undefined) return kept;
  const times = timeColumns(recording.exchange, recording.endedUs);
  const source = { ...recording, dropped: 0 };
  const laid = {
    recording,
    times,
    segments: segmentsOf(source, times),
    gaps: gapsOf(times),
    origins: [...new Set(recording.exchange.map(({ origin }) => origin))].sort(),
    holdersIn: holderFinder(source, times),
    ownWaitIn: ownWaitFinder(source, times),
  };
  known.set(recording, laid);
  return laid;
}

/** When exchanges passed their steps, and what they waited for. */
export type Course = Pick<LaidOut, 'times' | 'segments'>;

/** The run as it would have been, while somebody asks what if; null: as it was. */
export const replayed = signal<Course | null>(null);

/** What is drawn of the run: as it was, or as it would have been. */
export const course = computed<Course | null>(() => replayed.value ?? laidOut.value);

/** From the first wanted to the last end, with some room; also of the run as it would have been. */
export const whole = computed<TimeRange>(() => {
  const { fromUs, toUs } = laidOut.value?.times ?? { fromUs: 0, toUs: 1 };
  const lastUs = Math.max(toUs, replayed.value?.times.toUs ?? 0);
  return { fromUs, toUs: lastUs + Math.max(1, (lastUs - fromUs) * 0.02) };
});

/** Time as it is drawn. */
export const fold = computed<Fold>(() => {
  const laid = laidOut.value;
  return laid === null || replayed.value !== null || !foldsGaps.value || laid.gaps.length === 0
    ? UNFOLDED
    : new Fold(whole.value, laid.gaps);
});

export const clock = computed<Clock>(() => {
  const laid = laidOut.value;
  return tellsTimeOfDay.value && laid !== null
    ? { of: 'day', startedUs: laid.recording.run.startedUs }
    : { of: 'start', zeroUs: whole.value.fromUs };
});

/** The exchanges that are shown, in the order of the rows. */
export const order = computed(() => {
  const [laid, drawn] = [laidOut.value, course.value];
  if (laid === null || drawn === null) return new Int32Array();
  return orderOf(laid.recording, drawn.times, drawn.segments, filter.value, sortKey.value);
});

/** The rows; null until the trace is read. */
export const bars = computed(() => {
  const [laid, drawn] = [laidOut.value, course.value];
  if (laid === null || drawn === null) return null;
  const rows = rowsOf(rowMode.value, order.value, laid.recording, drawn.times);
  return barsOf(rows, drawn.segments, fold.value);
});

export const path = computed(() => {
  const laid = laidOut.value;
  return laid === null ? [] : pathLines(laid.recording.exchange, laid.segments, laid.recording.endedUs);
});

/** Pixels of a row, and of what is above the visible ones. 0: as high as lets all rows be seen. */
export const rowHeight = signal(0);
export const top = signal(0);

// A run is shown as a whole at first.
effect(() => {
  if (laidOut.value !== null) visible.value = whole.value;
});

/** The moment that was picked within the selected exchange, in microseconds: it says which segment is meant. */
export const pickedUs = signal<number | null>(null);

/** What is under the pointer, which is at this pixel of the waterfall. */
export const hovered = signal<{ readonly hit: Hit; readonly x: number; readonly y: number } | null>(null);

/** Whether all of the time and all rows are visible. */
export const isWhole = computed(
  () =>
    visible.value.fromUs <= whole.value.fromUs &&
    visible.value.toUs >= whole.value.toUs &&
    rowHeight.value === 0,
);

/** The selected exchange's segment at the picked moment: what it is, and when. */
export const pickedSegment = computed(() => {
  if (course.value === null || selected.value === null) return null;
  const us = pickedUs.value;
  const own = segmentsAt(course.value.segments, selected.value);
  return own.find(({ fromUs, toUs }) => us !== null && us >= fromUs && us < toUs) ?? null;
});

/** Selects an exchange, and the segment of it at a moment. */
export function pick(exchange: number | null, us: number | null = null): void {
  batch(() => {
    selected.value = exchange;
    pickedUs.value = us;
  });
}

/** Shows one of two runs. What was chosen of the other one says nothing of it. */
export function showRun(run: number): void {
  batch(() => {
    shownRun.value = run;
    replayed.value = null;
    filter.value = NO_FILTER;
    top.value = 0;
    pick(null);
  });
}
