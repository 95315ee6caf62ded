import { CURVE_STEPS, type CurveStep, type Curves } from '../model/curves.ts';
import { type FoldedCurve, foldCurve, meansIn } from '../model/folded-curve.ts';
import { SEGMENT_KINDS, type SegmentKind } from '../model/segments.ts';
import type { Look, Pen } from './pen.ts';
import type { TimeScale } from './time-scale.ts';

/** Curves as they are painted: of the time that is visible, up to the same level in each picture beside it. */
export interface CurvePicture {
  readonly curves: Curves;
  readonly time: TimeScale;
  /** The level at the upper edge. */
  readonly most: number;
  /** How many were wanted at once; null where that is not known. */
  readonly ceiling: number | null;
  readonly look: Look;
}

/** What is drawn between a curve and the one above it: the colour of what was waited for. */
const KIND_BEFORE: Readonly<Record<CurveStep, SegmentKind>> = {
  wanted: 'queued',
  dispatched: 'queued',
  connected: 'connect',
  sent: 'blocked',
};

/** Room above the highest level, for the text of the ceiling. */
const HEADROOM = 16;

/**
 * Paints the funnel: what was in flight at the bottom, above it what waited to be sent, to be connected, to be dispatched.
 * The upper edge is what was wanted; a line marks how many were wanted at most.
 */
export function paintCurves(pen: Pen, picture: CurvePicture, height: number): void {
  const { curves, time, most, ceiling, look } = picture;
  const edges = edgesOf(time);
  const y = (level: number): number => height - (level / Math.max(1, most)) * (height - HEADROOM);
  paintLevels(pen, picture, y);
  const wanted = foldCurve(curves.wanted, edges);
  const sent = foldCurve(curves.sent, edges);
  const meansOf = (step: CurveStep): Float32Array =>
    step === 'wanted' ? wanted.mean : step === 'sent' ? sent.mean : meansIn(curves[step], edges);
  // Each covers what is below the one before it: what stays visible of that is the wait between the two.
  CURVE_STEPS.forEach((step, at) => {
    const next = CURVE_STEPS[at + 1];
    const kind = next === undefined ? 'answer' : KIND_BEFORE[next];
    const colour = look.segments[SEGMENT_KINDS.indexOf(kind)]!;
    paintArea(pen, meansOf(step), y, colour, step !== 'wanted', look.paper);
  });
  paintEdge(pen, wanted, y, look.ink);
  paintEdge(pen, sent, y, look.ink);
  if (ceiling !== null) paintCeiling(pen, y(ceiling), `${ceiling} wanted at once`, time.width, look);
}

/** The moments at the edges of pixels. */
export function edgesOf(time: TimeScale): Float64Array {
  return Float64Array.from({ length: Math.max(1, Math.floor(time.width) + 1) }, (_, x) => time.us(x));
}

/** Round levels for marks: few, and the highest not above the top. */
export function marksUpTo(most: number): readonly number[] {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000, 50_000].find(
    (one) => most / one <= 3,
  );
  const marks: number[] = [];
  for (let level = 0; level <= most; level += step ?? most) marks.push(level);
  return marks;
}

function paintLevels(pen: Pen, { most, time, look }: CurvePicture, y: (level: number) => number): void {
  pen.fillStyle = look.line;
  for (const level of marksUpTo(most))
    pen.fillRect(0, Math.round(y(level)) - (level === 0 ? 1 : 0), time.width, 1);
}

function paintArea(
  pen: Pen,
  means: Float32Array,
  y: (level: number) => number,
  colour: string,
  erases: boolean,
  paper: string,
): void {
  for (const fill of erases ? [paper, colour] : [colour]) {
    pen.fillStyle = fill;
    fillBelow(pen, means, y);
  }
}

function fillBelow(pen: Pen, mean: Float32Array, y: (level: number) => number): void {
  pen.beginPath();
  pen.moveTo(0, y(0));
  for (let x = 0; x < mean.length; x++) {
    pen.lineTo(x, y(mean[x]!));
    pen.lineTo(x + 1, y(mean[x]!));
  }
  pen.lineTo(mean.length, y(0));
  pen.fill();
}

/** A line along the highest levels of a curve, upright where it steps. A dip within a pixel shows in the area alone. */
function paintEdge(
  pen: Pen,
  { high, last }: FoldedCurve,
  y: (level: number) => number,
  colour: string,
): void {
  pen.fillStyle = colour;
  let before = high[0] ?? 0;
  for (let x = 0; x < high.length; x++) {
    const least = Math.min(high[x]!, before, last[x]!);
    const most = Math.max(high[x]!, before);
    if (most > 0) pen.fillRect(x, y(most) - 0.5, 1, y(least) - y(most) + 1);
    before = last[x]!;
  }
}

/** Paints what was in flight as an area that others can be seen through, and what was wanted as a line. */
export function paintInFlight(
  pen: Pen,
  curves: Curves,
  time: TimeScale,
  most: number,
  height: number,
  colour: string,
): void {
  const edges = edgesOf(time);
  const y = (level: number): number => height - (level / Math.max(1, most)) * (height - HEADROOM);
  pen.globalAlpha = 0.45;
  pen.fillStyle = colour;
  fillBelow(pen, meansIn(curves.sent, edges), y);
  pen.globalAlpha = 1;
  paintEdge(pen, foldCurve(curves.wanted, edges), y, colour);
}

/** A phase of the run: when it was, and what is said of it where there is room. */
export interface PhaseMark {
  readonly fromUs: number;
  readonly toUs: number;
  readonly text: string;
}

/** Pixels of the marks of phases. */
export const PHASE = 16;

/** Paints the phases of a run in their order, numbered, from `top` on. */
export function paintPhases(
  pen: Pen,
  phases: readonly PhaseMark[],
  time: TimeScale,
  top: number,
  look: Look,
): void {
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  phases.forEach(({ fromUs, toUs, text }, at) => {
    const from = Math.max(0, Math.round(time.x(fromUs)));
    const to = Math.min(time.width, Math.round(time.x(toUs)));
    if (to <= from) return;
    pen.fillStyle = look.raised;
    pen.fillRect(from, top, Math.max(1, to - from - 1), PHASE - 2);
    pen.fillStyle = look.quiet;
    pen.fillRect(from, top, 1, PHASE - 2);
    const number = `${at + 1}`;
    const whole = `${number}  ${text}`;
    const shown = pen.measureText(whole).width < to - from - 8 ? whole : number;
    if (pen.measureText(shown).width < to - from - 6) pen.fillText(shown, from + 5, top + PHASE / 2 - 1);
  });
}

function paintCeiling(pen: Pen, top: number, text: string, width: number, look: Look): void {
  pen.strokeStyle = look.quiet;
  pen.lineWidth = 1;
  pen.setLineDash([4, 4]);
  pen.beginPath();
  pen.moveTo(0, Math.round(top) - 0.5);
  pen.lineTo(width, Math.round(top) - 0.5);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = look.quiet;
  pen.textAlign = 'right';
  pen.textBaseline = 'bottom';
  pen.fillText(text, width - 4, top - 1);
}
