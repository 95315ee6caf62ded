import { duration } from '../../diagnose/browser.ts';
import type { Look, Pen } from './pen.ts';
import { type Clock, momentText, ticksOf } from './ticks.ts';
import type { TimeScale } from './time-scale.ts';

/** Pixels between two marks of an axis, at least. */
const APART = 90;

/** Paints the marks of a time axis above `height` pixels of content, its lines through the content, and folded gaps. */
export function paintAxis(
  pen: Pen,
  time: TimeScale,
  clock: Clock,
  axis: number,
  height: number,
  look: Look,
): void {
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  paintGaps(pen, time, axis, height, look);
  for (const { x, text } of ticksOf(time, clock, APART)) {
    pen.fillStyle = look.line;
    pen.fillRect(Math.round(x), 0, 1, axis + height);
    if (x + 4 + pen.measureText(text).width > time.width) continue;
    pen.fillStyle = look.quiet;
    pen.fillText(text, Math.round(x) + 4, axis / 2);
  }
}

function paintGaps(pen: Pen, time: TimeScale, axis: number, height: number, look: Look): void {
  for (const gap of time.fold.gaps) {
    const [from, to] = [time.x(gap.fromUs), time.x(gap.toUs)];
    if (to < 0 || from > time.width) continue;
    pen.fillStyle = look.raised;
    pen.fillRect(from, 0, to - from, axis + height);
    pen.strokeStyle = look.quiet;
    pen.lineWidth = 1;
    pen.setLineDash([2, 3]);
    pen.beginPath();
    for (const x of [Math.round(from) + 0.5, Math.round(to) - 0.5]) {
      pen.moveTo(x, 0);
      pen.lineTo(x, axis + height);
    }
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = look.quiet;
    pen.fillText(`… ${duration(gap.toUs - gap.fromUs)}`, from + 4, axis + height - 8);
  }
}

/** Paints the instant that is looked at, with its time in the axis. */
export function paintCursor(
  pen: Pen,
  us: number,
  time: TimeScale,
  clock: Clock,
  axis: number,
  height: number,
  look: Look,
): void {
  const x = Math.round(time.x(us));
  if (x < 0 || x > time.width) return;
  pen.fillStyle = look.accent;
  pen.fillRect(x, 0, 1, axis + height);
  const text = momentText(us, clock, Math.max(1, (time.range.toUs - time.range.fromUs) / 1_000));
  const { width } = pen.measureText(text);
  const left = Math.min(Math.max(0, x - width / 2 - 4), time.width - width - 8);
  pen.fillRect(left, 2, width + 8, axis - 4);
  pen.fillStyle = look.paper;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  pen.fillText(text, left + 4, axis / 2);
}
