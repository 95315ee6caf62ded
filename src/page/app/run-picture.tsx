import { type ReadonlySignal, signal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { paintAxis, paintCursor } from '../canvas/axis-painter.ts';
import { paintBars, placeInRow } from '../canvas/bar-painter.ts';
import { type Bars, barsOf } from '../canvas/bars.ts';
import { paintCurves, paintInFlight } from '../canvas/curve-painter.ts';
import { type FoldedPicture, wholePicture } from '../canvas/folded-picture.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { shortened } from '../canvas/label-painter.ts';
import type { Look } from '../canvas/pen.ts';
import { RowScale } from '../canvas/row-scale.ts';
import { type TimeRange, TimeScale, UNFOLDED } from '../canvas/time-scale.ts';
import type { Curves } from '../model/curves.ts';
import { labelOf } from '../model/labels.ts';
import { NO_FILTER, orderOf } from '../model/order.ts';
import { rowsOf } from '../model/rows.ts';
import { SEGMENT_KINDS, segmentsAt } from '../model/segments.ts';
import type { Pair } from '../model/two-runs.ts';
import type { LaidOut } from './laid-out.ts';
import { lookNow, paletteOf } from './look.ts';
import { paintPixels } from './pixels.ts';
import { cursorUs } from './state.ts';
import { useSurface } from './surface.ts';
import { isDark } from './theme.ts';
import { listenToTime, type TimeWindow } from './time-input.ts';

/** A run on the time scale that both share. */
export interface RunOnScale {
  readonly laid: LaidOut;
  readonly curves: Curves;
  readonly ceiling: number | null;
}

interface Props {
  /** One run, or two that are overlaid. */
  readonly shown: readonly RunOnScale[];
  /** Of overlaid runs: the exchanges of the same URLs. */
  readonly pairs: readonly Pair[];
  /** The level at the upper edge of the curves. */
  readonly most: number;
  readonly window: TimeWindow;
  readonly label: string;
}

const CURVES = 110;
const AXIS = 22;
/** More overlaid pairs than these can't be told apart. */
export const MOST_PAIRS = 100;

interface Picture {
  readonly time: TimeScale;
  readonly zeroUs: number;
  readonly look: Look;
  readonly cursorUs: number | null;
}

/** The curves and the exchanges of a run, or of two that are overlaid. */
export function RunPicture({ shown, pairs, most, window, label }: Props) {
  const area = useRef<HTMLDivElement>(null);
  const read = useCallback(
    (width: number): Picture => {
      isDark.value;
      return {
        time: new TimeScale(window.visible.value, width - gutterOf(width)),
        zeroUs: window.whole.value.fromUs,
        look: lookNow(),
        cursorUs: cursorUs.value,
      };
    },
    [window],
  );
  const drawRows = useCallback(rowPainter(shown, pairs), [shown, pairs]);
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, picture: Picture, width: number, height: number): boolean => {
      const { time, look } = picture;
      const gutter = width - time.width;
      const clock = { of: 'start', zeroUs: picture.zeroUs } as const;
      pen.font = look.font;
      const isMore = drawRows(pen, picture, gutter, height - CURVES - AXIS);
      pen.save();
      pen.translate(gutter, 0);
      pen.beginPath();
      pen.rect(0, 0, time.width, height);
      pen.clip();
      if (shown.length === 1)
        paintCurves(pen, { curves: shown[0]!.curves, time, most, ceiling: shown[0]!.ceiling, look }, CURVES);
      else
        shown.forEach(({ curves }, run) => {
          paintInFlight(pen, curves, time, most, CURVES, run === 0 ? look.quiet : look.accent);
        });
      pen.translate(0, CURVES);
      paintAxis(pen, time, clock, AXIS, 0, look);
      if (picture.cursorUs !== null) {
        paintCursor(pen, picture.cursorUs, time, clock, AXIS, height - CURVES - AXIS, look);
        pen.fillRect(Math.round(time.x(picture.cursorUs)), -CURVES, 1, CURVES);
      }
      pen.restore();
      return isMore;
    },
    [shown, most, drawRows],
  );
  const canvas = useSurface({ read, paint });
  useEffect(
    () =>
      listenToTime(
        area.current!,
        () => {
          const { clientWidth: width } = area.current!;
          const left = gutterOf(width);
          return { left, time: new TimeScale(window.visible.peek(), width - left) };
        },
        {},
        window,
      ),
    [window],
  );
  const rows =
    shown.length === 2 ? Math.min(pairs.length, MOST_PAIRS) * 2 : shown[0]!.laid.recording.exchange.length;
  useEffect(() => {
    area.current!.style.height = `${CURVES + AXIS + Math.max(40, Math.min(rows * 16, shown.length === 2 ? 3_200 : 240))}px`;
  }, [rows, shown]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
    <div ref={area} class="run-picture" role="application" tabIndex={0} aria-label={label}>
      <canvas ref={canvas} />
    </div>
  );
}

type RowPainter = (
  pen: CanvasRenderingContext2D,
  picture: Picture,
  gutter: number,
  height: number,
) => boolean;

/** Paints what is below the curves: the rows of one run, or those of two in pairs. */
function rowPainter(shown: readonly RunOnScale[], pairs: readonly Pair[]): RowPainter {
  return shown.length === 2 ? pairPainter(shown, pairs.slice(0, MOST_PAIRS)) : oneRun(shown[0]!.laid);
}

/** Rows that are lower are folded to pixels. */
const LOWEST = 6;

function oneRun({ recording, times, segments }: LaidOut): RowPainter {
  const order = orderOf(recording, times, segments, NO_FILTER, 'start');
  const bars: Bars = barsOf(rowsOf('exchange', order, recording, times), segments, UNFOLDED);
  let folded: { readonly key: string; readonly picture: FoldedPicture } | null = null;
  return (pen, { time, look }, gutter, height) => {
    const { count } = bars.rows;
    const rows = new RowScale(count, Math.min(16, height / Math.max(1, count)), 0, height);
    pen.save();
    pen.translate(gutter, CURVES + AXIS);
    pen.beginPath();
    pen.rect(0, 0, time.width, height);
    pen.clip();
    let isMore = false;
    if (rows.rowHeight >= LOWEST) paintBars(pen, bars, time, rows, look);
    else {
      const key = `${time.range.fromUs} ${time.range.toUs} ${time.width} ${height} ${look.paper}`;
      if (folded?.key !== key)
        folded = { key, picture: foldedOf(bars, time.range, Math.floor(time.width), height, look) };
      const untilMs = performance.now() + 4;
      folded.picture.work(() => performance.now() > untilMs);
      paintPixels(pen, folded.picture, 0, 0, time.width);
      isMore = !folded.picture.isDone;
    }
    pen.restore();
    if (rows.rowHeight >= 11)
      paintLabelsOf(
        pen,
        look,
        gutter,
        count,
        rows,
        (row) => labelOf(recording.exchange[order[row]!]!, false).text,
      );
    return isMore;
  };
}

function foldedOf(bars: Bars, range: TimeRange, width: number, height: number, look: Look): FoldedPicture {
  return wholePicture(bars, range, Math.max(1, width), Math.floor(height), paletteOf(look));
}

function pairPainter([a, b]: readonly RunOnScale[], pairs: readonly Pair[]): RowPainter {
  const [one, other] = [a!.laid, b!.laid];
  return (pen, { time, look }, gutter, height) => {
    const rows = new RowScale(pairs.length, Math.min(32, height / Math.max(1, pairs.length)), 0, height);
    const half = rows.rowHeight / 2 - 1;
    pen.save();
    pen.translate(gutter, CURVES + AXIS);
    pen.beginPath();
    pen.rect(0, 0, time.width, height);
    pen.clip();
    pairs.forEach((pair, row) => {
      const top = rows.y(row);
      pen.fillStyle = look.line;
      pen.fillRect(0, top, time.width, 1);
      if (pair.a >= 0) paintHalf(pen, one, pair.a, time, top + 1, half, look);
      if (pair.b >= 0) paintHalf(pen, other, pair.b, time, top + 1 + half, half, look);
    });
    pen.restore();
    const titleOf = ({ a: inA, b: inB }: Pair): string =>
      labelOf(inA >= 0 ? one.recording.exchange[inA]! : other.recording.exchange[inB]!, false).text;
    paintLabelsOf(pen, look, gutter, pairs.length, rows, (row) => titleOf(pairs[row]!));
    return false;
  };
}

function paintHalf(
  pen: CanvasRenderingContext2D,
  { segments }: LaidOut,
  exchange: number,
  time: TimeScale,
  top: number,
  height: number,
  look: Look,
): void {
  for (const { kind, fromUs, toUs } of segmentsAt(segments, exchange)) {
    const place = SEGMENT_KINDS.indexOf(kind);
    const [y, high] = placeInRow(place, top, height);
    pen.fillStyle = look.segments[place]!;
    pen.fillRect(time.x(fromUs), y, Math.max(0.75, time.x(toUs) - time.x(fromUs)), high);
  }
}

function paintLabelsOf(
  pen: CanvasRenderingContext2D,
  look: Look,
  gutter: number,
  count: number,
  rows: RowScale,
  titleOf: (row: number) => string,
): void {
  pen.fillStyle = look.ink;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  for (let row = 0; row < count; row++)
    pen.fillText(
      shortened(pen, titleOf(row), gutter - 10),
      2,
      CURVES + AXIS + rows.y(row) + rows.rowHeight / 2 + 0.5,
    );
}

/** The time that two runs share: from the first wanted of each, as long as the longer one. */
export function windowOf(runs: ReadonlySignal<readonly LaidOut[]>): TimeWindow {
  const longest = runs.peek().reduce((most, { times }) => Math.max(most, times.toUs - times.fromUs), 1);
  const fromUs = runs.peek()[0]!.times.fromUs;
  const whole = { fromUs, toUs: fromUs + longest * 1.02 };
  return { visible: signal<TimeRange>(whole), whole: signal<TimeRange>(whole) };
}
