import { batch } from '@preact/signals';
import type { TimeScale } from '../canvas/time-scale.ts';
import { course, foldsGaps, hovered, pick, pickedSegment, showsPath, top, whole } from './laid-out.ts';
import { show, showAll, zoom } from './moves.ts';
import { pickNeighbour, pickNextBlocked, pickRow } from './picks.ts';
import { cursorUs, visible } from './state.ts';
import { type Scales, scalesOf } from './waterfall-scales.ts';

/** A pointer that moved less than this clicked. */
const CLICK = 5;
const ZOOM = 1.25;

/** Lets pointers, the wheel and keys move a waterfall and select in it. Returns what ends that. */
export function listenTo(area: HTMLElement): () => void {
  const ending = new AbortController();
  const on = <Name extends keyof HTMLElementEventMap>(
    name: Name,
    heard: (event: HTMLElementEventMap[Name]) => void,
  ): void => area.addEventListener(name, heard, { signal: ending.signal, passive: false });
  on('wheel', (event) => turn(event, scalesOf(area)));
  on('keydown', (event) => press(event, area));
  const pointers = new Pointers(area);
  on('pointerdown', (event) => pointers.down(event));
  on('pointermove', (event) => pointers.move(event));
  on('pointerup', (event) => pointers.up(event));
  on('pointercancel', (event) => pointers.up(event));
  on('pointerleave', () => {
    cursorUs.value = null;
    hovered.value = null;
  });
  on('dblclick', (event) => zoomTo(scalesOf(area), event));
  return () => ending.abort();
}

function turn(event: WheelEvent, { time, rows, gutter }: Scales): void {
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    zoom({ time, rows, x: event.offsetX - gutter, factor: 1.0015 ** event.deltaY });
    return;
  }
  const across = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
  const down = event.shiftKey ? 0 : event.deltaY;
  const moved = rows.count * rows.rowHeight > rows.height ? movedTop(rows, down) : rows.top;
  // What can't be scrolled here scrolls the page.
  if (across !== 0 || moved !== rows.top) event.preventDefault();
  batch(() => {
    top.value = moved;
    if (across !== 0) show({ rows, time }, time.panned(across, whole.value));
  });
}

function movedTop({ count, rowHeight: height, height: room, top: now }: Scales['rows'], by: number): number {
  return Math.max(0, Math.min(now + by, count * height - room));
}

/** Shows the exchange that was clicked as wide as can be. */
function zoomTo({ hit, time, rows }: Scales, event: MouseEvent): void {
  const found = hit(event.offsetX, event.offsetY);
  const times = course.peek()?.times;
  if (found === null || times === undefined) return;
  const [from, to] = [times.wanted[found.exchange]!, times.end[found.exchange]!];
  const room = (to - from) * 0.1;
  const [least, most] = [whole.value.fromUs, whole.value.toUs];
  show({ time, rows }, { fromUs: Math.max(least, from - room), toUs: Math.min(most, to + room) });
}

/** Fingers and mice: one drags or clicks, two pinch. */
class Pointers {
  readonly #area: HTMLElement;
  readonly #down = new Map<number, { x: number; y: number }>();
  #moved = 0;

  constructor(area: HTMLElement) {
    this.#area = area;
  }

  down(event: PointerEvent): void {
    this.#area.setPointerCapture(event.pointerId);
    // The first finger: one whose end was not heard is gone.
    if (event.isPrimary) this.#down.clear();
    this.#down.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    this.#moved = 0;
  }

  move(event: PointerEvent): void {
    const scales = scalesOf(this.#area);
    cursorUs.value = event.offsetX < scales.gutter ? null : scales.time.us(event.offsetX - scales.gutter);
    const before = this.#down.get(event.pointerId);
    if (before === undefined) {
      const hit = scales.hit(event.offsetX, event.offsetY);
      hovered.value = hit?.kind == null ? null : { hit, x: event.offsetX, y: event.offsetY };
      return;
    }
    hovered.value = null;
    const [x, y] = [event.offsetX, event.offsetY];
    this.#moved += Math.hypot(x - before.x, y - before.y);
    if (this.#moved >= CLICK) {
      const other = [...this.#down].find(([id]) => id !== event.pointerId)?.[1];
      if (other === undefined) drag(scales, before.x - x, before.y - y);
      else pinch(scales, other, before, { x, y });
    }
    before.x = x;
    before.y = y;
  }

  up(event: PointerEvent): void {
    const isClick = this.#down.delete(event.pointerId) && this.#moved < CLICK && event.type === 'pointerup';
    if (!isClick) return;
    const hit = scalesOf(this.#area).hit(event.offsetX, event.offsetY);
    if (hit === null) pick(null);
    else pick(hit.exchange, hit.kind === null ? null : hit.us);
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function drag({ time, rows }: Scales, across: number, down: number): void {
  const moved = movedTop(rows, down);
  batch(() => {
    visible.value = time.panned(across, whole.value);
    top.value = moved;
  });
  // What rows cannot take moves the page, as a finger expects.
  if (moved === rows.top && rows.top + rows.height >= rows.count * rows.rowHeight - 1) scrollBy(0, down);
}

function pinch({ time, rows, gutter }: Scales, other: Point, before: Point, now: Point): void {
  const length = (one: Point) => Math.max(10, Math.hypot(one.x - other.x, one.y - other.y));
  const x = (now.x + other.x) / 2 - gutter;
  zoom({ time, rows, x, factor: length(before) / length(now) });
}

/** What keys do, by their name in lower case. */
const KEYS: Readonly<Record<string, (area: HTMLElement, scales: Scales) => void>> = {
  arrowdown: (area) => pickRow(area, 1),
  arrowup: (area) => pickRow(area, -1),
  pagedown: (area, { rows }) => pickRow(area, Math.max(1, rows.after - rows.first - 1)),
  pageup: (area, { rows }) => pickRow(area, -Math.max(1, rows.after - rows.first - 1)),
  home: (area, { rows }) => pickRow(area, -rows.count),
  end: (area, { rows }) => pickRow(area, rows.count),
  arrowright: (area) => pickNeighbour(area, 1),
  arrowleft: (area) => pickNeighbour(area, -1),
  b: (area) => pickNextBlocked(area),
  '+': (_, { time, rows }) => zoom({ time, rows, x: centre(time), factor: 1 / ZOOM }),
  '=': (_, { time, rows }) => zoom({ time, rows, x: centre(time), factor: 1 / ZOOM }),
  '-': (_, { time, rows }) => zoom({ time, rows, x: centre(time), factor: ZOOM }),
  a: (_, { time, rows }) => show({ time, rows }, time.panned(-time.width / 8, whole.value)),
  d: (_, { time, rows }) => show({ time, rows }, time.panned(time.width / 8, whole.value)),
  '0': () => showAll(),
  g: () => {
    foldsGaps.value = !foldsGaps.value;
  },
  c: () => {
    showsPath.value = !showsPath.value;
  },
  escape: () => pick(null),
};

function press(event: KeyboardEvent, area: HTMLElement): void {
  const act = KEYS[event.key.toLowerCase()];
  if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  batch(() => act(area, scalesOf(area)));
}

/** Keys zoom about what is selected, else about the middle. */
function centre(time: TimeScale): number {
  const segment = pickedSegment.peek();
  const x = segment === null ? time.width / 2 : time.x((segment.fromUs + segment.toUs) / 2);
  return Math.max(0, Math.min(time.width, x));
}
