/** The picture of README.md: stage 2 of the story beside stage 4, on one time scale. They run now. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Verdict } from '../../src/diagnose/index.ts';
import { paintAxis } from '../../src/page/canvas/axis-painter.ts';
import { paintBars } from '../../src/page/canvas/bar-painter.ts';
import { barsOf } from '../../src/page/canvas/bars.ts';
import { RowScale } from '../../src/page/canvas/row-scale.ts';
import { escapeXml, SvgPen } from '../../src/page/canvas/svg-pen.ts';
import { TimeScale, UNFOLDED } from '../../src/page/canvas/time-scale.ts';
import { NO_FILTER, orderOf } from '../../src/page/model/order.ts';
import { recordingOf } from '../../src/page/model/recording.ts';
import { rowsOf } from '../../src/page/model/rows.ts';
import { SEGMENT_KINDS, SEGMENT_WORDS, segmentsOf } from '../../src/page/model/segments.ts';
import { timeColumns } from '../../src/page/model/times.ts';
import { LOOK, STYLE } from '../../src/page/picture/colours.ts';
import { readTrace } from '../../src/trace/index.ts';

const WIDTH = 960;
const MARGIN = 16;
const ROW = 15;
const AXIS = 22;
const HEAD = 50;
const GAP = 14;
const ABREAST = new URL('../../bin/abreast', import.meta.url).pathname;
const ARGUMENTS = ['2', '4', '--python', '3.7', '--proto', 'https', '-n', '10'];

interface Stage {
  readonly title: string;
  readonly verdict: Verdict;
}

/** Writes docs/pictures/stages.svg. */
export async function stagesPicture(): Promise<void> {
  const [slow, fast] = runStages();
  const runs = [
    await laidOut('Stage 2: pyOpenSSL is installed beside grequests', slow!),
    await laidOut('Stage 4: the same program, with the fix', fast!),
  ];
  const longestUs = Math.max(...runs.map(({ times }) => times.toUs - times.fromUs));
  const pen = new SvgPen();
  pen.font = LOOK.font;
  pen.translate(MARGIN, MARGIN);
  for (const run of runs) paintRun(pen, run, longestUs);
  paintLegend(pen, runs);
  const height =
    runs.reduce((sum, { order }) => sum + HEAD + AXIS + order.length * ROW + GAP, 0) + 2 * MARGIN + 8;
  const title = `The same program: ${runs.map(({ title, verdict }) => `${title}: ${verdict.verdict}`).join('. ')}`;
  writeFileSync(
    'docs/pictures/stages.svg',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${pen.text}
</svg>
`,
  );
  console.log('docs/pictures/stages.svg');
}

/** Each a verdict, and a trace in its place. */
function runStages(): readonly Verdict[] {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-stages-'));
  try {
    const page = join(folder, 'page.html');
    const command = [ABREAST, 'stages', ...ARGUMENTS, '--json', '--html', page];
    const { stdout, stderr, status } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`abreast stages ${ARGUMENTS.join(' ')}: ${stderr}`);
    return JSON.parse(stdout).cells.map(({ verdict }: { verdict: Verdict }) => verdict);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function laidOut(title: string, verdict: Stage['verdict']) {
  const recording = await recordingOf(await readTrace(verdict.trace!));
  const times = timeColumns(recording.exchange, recording.endedUs);
  const segments = segmentsOf({ ...recording, dropped: 0 }, times);
  const order = orderOf(recording, times, segments, NO_FILTER, 'start');
  const bars = barsOf(rowsOf('exchange', order, recording, times), segments, UNFOLDED);
  return { title, verdict, times, segments, order, bars };
}

type LaidOut = Awaited<ReturnType<typeof laidOut>>;

function paintRun(pen: SvgPen, { title, verdict, times, order, bars }: LaidOut, longestUs: number): void {
  pen.fillStyle = 'title ink';
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(title, 0, 8);
  pen.fillStyle = verdict.overlap === 'serial' ? 'blocked' : 'quiet';
  pen.fillText(verdict.verdict, 0, 30);
  const range = { fromUs: times.fromUs, toUs: times.fromUs + longestUs * 1.02 };
  const time = new TimeScale(range, WIDTH - 2 * MARGIN);
  const rows = new RowScale(order.length, ROW, 0, order.length * ROW);
  pen.translate(0, HEAD);
  paintAxis(pen, time, { of: 'start', zeroUs: times.fromUs }, AXIS, rows.height, LOOK);
  pen.translate(0, AXIS);
  paintBars(pen, bars, time, rows, LOOK);
  pen.translate(0, rows.height + GAP);
}

function paintLegend(pen: SvgPen, runs: readonly LaidOut[]): void {
  const kinds = new Set(runs.flatMap(({ segments }) => [...segments.kinds]));
  let x = 0;
  pen.textAlign = 'left';
  for (const [index, kind] of SEGMENT_KINDS.entries()) {
    if (!kinds.has(index)) continue;
    pen.fillStyle = LOOK.segments[index]!;
    pen.fillRect(x, 0, 14, 8);
    pen.fillStyle = 'quiet';
    pen.fillText(SEGMENT_WORDS[kind], x + 20, 4);
    x += 38 + pen.measureText(SEGMENT_WORDS[kind]).width;
  }
}
