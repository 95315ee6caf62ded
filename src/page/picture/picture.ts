import { count, type Verdict } from '../../diagnose/browser.ts';
import { paintAxis } from '../canvas/axis-painter.ts';
import { paintBars, paintEnds } from '../canvas/bar-painter.ts';
import { barsOf } from '../canvas/bars.ts';
import { marksUpTo, paintCurves } from '../canvas/curve-painter.ts';
import { gutterOf } from '../canvas/gutter.ts';
import { paintLabels, shortened } from '../canvas/label-painter.ts';
import { RowScale } from '../canvas/row-scale.ts';
import { escapeXml, SvgPen } from '../canvas/svg-pen.ts';
import { TimeScale, UNFOLDED } from '../canvas/time-scale.ts';
import { curvesOf, mostOf, withDeclared } from '../model/curves.ts';
import { endOf, labelOf } from '../model/labels.ts';
import { NO_FILTER, orderOf } from '../model/order.ts';
import type { Recording } from '../model/recording.ts';
import { rowsOf } from '../model/rows.ts';
import { SEGMENT_KINDS, SEGMENT_WORDS, type Segments, segmentsOf } from '../model/segments.ts';
import { type TimeColumns, timeColumns } from '../model/times.ts';
import { LOOK, STYLE } from './colours.ts';

/** More rows are no picture for a ticket: the longest exchanges are shown then. */
const MOST_ROWS = 200;
const WIDTH = 960;
const MARGIN = 16;
const AXIS = 24;
const ROW = 20;
const LINE = 18;
const FUNNEL = 96;

/** A run as an SVG: its verdict, its requests over time, and a waterfall of its exchanges. */
export interface Picture {
  readonly svg: string;
  /** How many exchanges it shows, of how many there are. */
  readonly shown: number;
  readonly of: number;
}

/** Draws a run, as the page shows it at first. */
export function pictureOf(recording: Recording, verdict: Verdict): Picture {
  const times = timeColumns(recording.exchange, recording.endedUs);
  const source = { ...recording, dropped: 0 };
  const segments = segmentsOf(source, times);
  const all = orderOf(recording, times, segments, NO_FILTER, 'start');
  const order = longest(all, times);
  const bars = barsOf(rowsOf('exchange', order, recording, times), segments, UNFOLDED);
  const pen = new SvgPen();
  pen.font = LOOK.font;
  pen.translate(MARGIN, MARGIN);
  const head = paintHead(pen, verdict.verdict, new Set(segments.kinds), order.length, all.length);
  const gutter = gutterOf(WIDTH);
  const width = WIDTH - 2 * MARGIN - gutter;
  const rows = new RowScale(order.length, ROW, 0, order.length * ROW);
  const range = { fromUs: times.fromUs, toUs: times.toUs + (times.toUs - times.fromUs) * 0.03 + 1 };
  const time = new TimeScale(range, width);
  pen.translate(gutter, head);
  paintFunnel(pen, segments, time, verdict.wanted);
  pen.translate(0, FUNNEL + LINE);
  paintAxis(pen, time, { of: 'start', zeroUs: times.fromUs }, AXIS, rows.height, LOOK);
  pen.translate(0, AXIS);
  paintBars(pen, bars, time, rows, LOOK);
  paintEnds(pen, bars, time, rows, LOOK, endOf(recording.exchange, times));
  pen.translate(-gutter, 0);
  const withOrigin = recording.exchange.some(({ origin }) => origin !== recording.exchange[0]!.origin);
  paintLabels(pen, rows, gutter, LOOK, (row) => labelOf(recording.exchange[order[row]!]!, withOrigin));
  const height = head + FUNNEL + LINE + AXIS + rows.height + 2 * MARGIN;
  return { svg: wrapped(pen.text, height, verdict.verdict), shown: order.length, of: all.length };
}

/** How many were wanted, dispatched, connected and in flight at each moment, of all exchanges. */
function paintFunnel(pen: SvgPen, segments: Segments, time: TimeScale, wanted: number | null): void {
  const curves = withDeclared(curvesOf(segments), wanted ?? 0);
  const most = mostOf(curves.wanted);
  paintCurves(pen, { curves, time, most, ceiling: wanted, look: LOOK }, FUNNEL);
  pen.fillStyle = 'quiet';
  pen.textBaseline = 'middle';
  pen.textAlign = 'right';
  for (const level of marksUpTo(most))
    pen.fillText(String(level), -8, FUNNEL - (level / Math.max(1, most)) * (FUNNEL - 16));
  pen.textAlign = 'left';
  pen.fillText('wanted and in flight', 2 - gutterOf(WIDTH), FUNNEL / 2);
}

/** All, or the longest of them, in the order of their beginning. */
function longest(order: Int32Array, { wanted, end }: TimeColumns): Int32Array {
  if (order.length <= MOST_ROWS) return order;
  const byLength = order.toSorted((a, b) => end[b]! - wanted[b]! - (end[a]! - wanted[a]!));
  const kept = new Set(byLength.subarray(0, MOST_ROWS));
  return order.filter((at) => kept.has(at));
}

/** The verdict, what is shown of the run, and what the colours mean. Gives its height. */
function paintHead(
  pen: SvgPen,
  verdict: string,
  kinds: ReadonlySet<number>,
  shown: number,
  all: number,
): number {
  let y = 8;
  pen.fillStyle = 'title ink';
  for (const line of linesOf(verdict, (WIDTH - 2 * MARGIN) / 9)) {
    pen.fillText(line, 0, y);
    y += 22;
  }
  pen.fillStyle = 'quiet';
  if (shown < all) {
    pen.fillText(`The ${shown} longest of ${count(all)} exchanges.`, 0, y);
    y += LINE;
  }
  let x = 0;
  SEGMENT_KINDS.forEach((kind, index) => {
    if (!kinds.has(index)) return;
    const text = SEGMENT_WORDS[kind];
    const { width } = pen.measureText(text);
    if (x + width > WIDTH - 2 * MARGIN - 20) {
      x = 0;
      y += LINE;
    }
    pen.fillStyle = LOOK.segments[index]!;
    pen.fillRect(x, y - 4, 14, 8);
    pen.fillStyle = 'quiet';
    pen.fillText(text, x + 20, y);
    x += 20 + width + 18;
  });
  return y + LINE;
}

/** At most three lines of so many letters. */
function linesOf(text: string, letters: number): readonly string[] {
  const lines: string[] = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + word.length + 1 <= letters) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  const width = letters * 6.4;
  const pen = new SvgPen();
  return lines.slice(0, 3).map((line) => shortened(pen, line, width));
}

function wrapped(elements: string, height: number, title: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${elements}
</svg>
`;
}
