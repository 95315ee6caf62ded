import { useCallback, useRef } from 'preact/hooks';
import type { Bars } from '../canvas/bars.ts';
import { type FoldedPicture, wholePicture } from '../canvas/folded-picture.ts';
import { gutterOf } from '../canvas/gutter.ts';
import type { Look } from '../canvas/pen.ts';
import { type TimeRange, TimeScale } from '../canvas/time-scale.ts';
import { bars, fold, whole } from './laid-out.ts';
import { lookNow, paletteOf } from './look.ts';
import { paintPixels } from './pixels.ts';
import { visible } from './state.ts';
import { useSurface } from './surface.ts';
import { isDark } from './theme.ts';

interface Picture {
  readonly folded: FoldedPicture;
  readonly range: TimeRange;
}

/** The whole run, small, with a window on the part that the views below show. */
export function Minimap() {
  const drawn = useRef<{ readonly key: readonly unknown[]; readonly folded: FoldedPicture } | null>(null);
  const read = useCallback((width: number, height: number): Picture | null => {
    if (bars.value === null || width < 1) return null;
    const key = [bars.value, width, height, isDark.value];
    if (drawn.current === null || drawn.current.key.some((part, at) => part !== key[at]))
      drawn.current = { key, folded: pictureOf(bars.value, width, height, lookNow()) };
    return { folded: drawn.current.folded, range: visible.value };
  }, []);
  const canvas = useSurface({ read, paint, name: 'minimap' });
  return (
    <canvas
      ref={canvas}
      class="minimap"
      role="img"
      aria-label="The whole run, and which part of it is shown below"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        moveWindow(event.currentTarget, event.offsetX);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) moveWindow(event.currentTarget, event.offsetX);
      }}
    />
  );
}

function pictureOf(of: Bars, width: number, height: number, look: Look): FoldedPicture {
  const across = Math.max(1, Math.floor(width - gutterOf(width)));
  return wholePicture(of, whole.value, across, Math.floor(height), paletteOf(look));
}

/** The time that folding may take of a frame, in milliseconds. */
const BUDGET_MS = 3;

function paint(
  pen: CanvasRenderingContext2D,
  { folded, range }: Picture,
  width: number,
  height: number,
): boolean {
  const look = lookNow();
  const untilMs = performance.now() + BUDGET_MS;
  folded.work(() => performance.now() > untilMs);
  const gutter = gutterOf(width);
  paintPixels(pen, folded, gutter, 0, width - gutter);
  const time = new TimeScale(whole.value, width - gutter, fold.value);
  const from = Math.max(0, time.x(range.fromUs));
  const to = Math.min(width - gutter, time.x(range.toUs));
  pen.globalAlpha = 0.7;
  pen.fillStyle = look.raised;
  pen.fillRect(gutter, 0, from, height);
  pen.fillRect(gutter + to, 0, width - gutter - to, height);
  pen.globalAlpha = 1;
  pen.strokeStyle = look.accent;
  pen.lineWidth = 1;
  pen.strokeRect(gutter + from + 0.5, 0.5, Math.max(2, to - from - 1), height - 1);
  return !folded.isDone;
}

/** Puts the middle of the window where the pointer is. */
function moveWindow(canvas: HTMLCanvasElement, x: number): void {
  const gutter = gutterOf(canvas.clientWidth);
  const all = new TimeScale(whole.value, canvas.clientWidth - gutter, fold.value);
  const { fromUs, toUs } = visible.value;
  const middle = (all.x(fromUs) + all.x(toUs)) / 2;
  const window = new TimeScale(visible.value, all.x(toUs) - all.x(fromUs), fold.value);
  visible.value = window.panned(x - gutter - middle, whole.value);
}
