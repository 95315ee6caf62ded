import type { ReadonlySignal, Signal } from '@preact/signals';
import { gutterOf } from '../canvas/gutter.ts';
import { type TimeRange, TimeScale } from '../canvas/time-scale.ts';
import { fold, whole } from './laid-out.ts';
import { cursorUs, visible } from './state.ts';

/** The stretch of time that is visible, and all of it. */
export interface TimeWindow {
  readonly visible: Signal<TimeRange>;
  readonly whole: ReadonlySignal<TimeRange>;
}

const OF_THE_PAGE: TimeWindow = { visible, whole };

/** A picture on the time axis: where time begins in it, and its scale, as they are now. */
export interface OnTime {
  readonly left: number;
  readonly time: TimeScale;
}

/** The scale of a picture that is as wide as the page and shows what the page shows. */
export function onTime({ clientWidth: width }: HTMLElement): OnTime {
  const left = gutterOf(width);
  return { left, time: new TimeScale(visible.peek(), width - left, fold.peek()) };
}

const ZOOM = 1.25;
/** A pointer that moved less than this clicked. */
const CLICK = 4;

/** What a picture does by itself. */
export interface Heard {
  /** True: the key is its own, and moves no time. */
  readonly press?: (key: string, on: OnTime) => boolean;
  readonly click?: (x: number, y: number, on: OnTime) => void;
}

/** Lets pointers, the wheel and keys move the time of a picture, and the instant that is looked at. Returns what ends that. */
export function listenToTime(
  area: HTMLElement,
  now: () => OnTime,
  { press, click }: Heard,
  { visible, whole }: TimeWindow = OF_THE_PAGE,
): () => void {
  const ending = new AbortController();
  const options = { signal: ending.signal, passive: false };
  let dragged: number | null = null;
  let moved = 0;
  area.addEventListener(
    'wheel',
    (event) => {
      const { left, time } = now();
      const isZoom = event.ctrlKey || event.metaKey;
      const across = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
      if (!isZoom && across === 0) return;
      event.preventDefault();
      visible.value = isZoom
        ? time.zoomed(1.0015 ** event.deltaY, event.offsetX - left, whole.value)
        : time.panned(across, whole.value);
    },
    options,
  );
  area.addEventListener(
    'pointerdown',
    (event) => {
      dragged = event.offsetX;
      moved = 0;
    },
    options,
  );
  area.addEventListener(
    'pointerup',
    (event) => {
      if (dragged !== null && moved < CLICK) click?.(event.offsetX, event.offsetY, now());
      dragged = null;
    },
    options,
  );
  area.addEventListener(
    'pointermove',
    (event) => {
      const { left, time } = now();
      cursorUs.value = event.offsetX < left ? null : time.us(event.offsetX - left);
      if (dragged === null || event.buttons !== 1) return;
      moved += Math.abs(event.offsetX - dragged);
      if (moved >= CLICK) visible.value = time.panned(dragged - event.offsetX, whole.value);
      dragged = event.offsetX;
    },
    options,
  );
  area.addEventListener(
    'pointerleave',
    () => {
      dragged = null;
      cursorUs.value = null;
    },
    options,
  );
  area.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const on = now();
      const key = event.key.toLowerCase();
      if (press?.(key, on) !== true && !moveTime(key, on, { visible, whole })) return;
      event.preventDefault();
      event.stopPropagation();
    },
    options,
  );
  return () => ending.abort();
}

/** What keys do to the time that is visible. False: nothing. */
function moveTime(key: string, { time }: OnTime, { visible, whole }: TimeWindow): boolean {
  const middle = cursorUs.value === null ? time.width / 2 : time.x(cursorUs.value);
  if (key === '+' || key === '=') visible.value = time.zoomed(1 / ZOOM, middle, whole.value);
  else if (key === '-') visible.value = time.zoomed(ZOOM, middle, whole.value);
  else if (key === 'a') visible.value = time.panned(-time.width / 8, whole.value);
  else if (key === 'd') visible.value = time.panned(time.width / 8, whole.value);
  else if (key === '0') visible.value = whole.value;
  else return false;
  return true;
}
