import { escapeXml } from '../../src/page/canvas/svg-pen.ts';
import { COLOURS } from '../../src/page/picture/colours.ts';
import { type Recording, type Run, Screen } from './terminal.ts';

const FONT = 13;
const LETTER = 7.8;
const LINE = 18;
const MARGIN = 16;
/** Changes that come sooner are one. */
const FRAME_MS = 100;
/** How long the end is to be read. */
const END_MS = 7_000;

/** Classes of the numbers of looks; see Run. */
const LOOKS: Readonly<Record<number, string>> = {
  1: 'strong',
  2: 'quiet',
  31: 'blocked',
  32: 'seg-read',
  33: 'seg-connect',
};

type Lines = readonly (readonly Run[])[];

/** What a terminal showed, and from when on, in milliseconds. */
export interface Frame {
  readonly atMs: number;
  readonly lines: Lines;
}

/** The pictures of a recording that differ, without `lines` that are to be left out. */
export function framesOf(
  recording: Recording,
  keeps: (line: string, at: number, all: readonly string[]) => boolean,
): Frame[] {
  const screen = new Screen();
  const frames: Frame[] = [];
  for (const [at, [atMs, text]] of recording.entries()) {
    screen.write(text);
    const next = recording[at + 1];
    if (next !== undefined && next[0] - atMs < FRAME_MS) continue;
    const all = screen.lines();
    const texts = all.map((runs) => runs.map((run) => run.text).join(''));
    const lines = all.filter((_, line) => keeps(texts[line]!, line, texts));
    if (JSON.stringify(lines) !== JSON.stringify(frames.at(-1)?.lines)) frames.push({ atMs, lines });
  }
  return frames;
}

/** Frames as an animated SVG that repeats, in light and dark colours; it stands still for those who want no motion. */
export function animationOf(
  command: string,
  frames: readonly Frame[],
  columns: number,
  title: string,
): string {
  const lastMs = frames.at(-1)!.atMs;
  const totalMs = lastMs + END_MS;
  const rows = Math.max(...frames.map(({ lines }) => lines.length)) + 1;
  const width = Math.round(2 * MARGIN + columns * LETTER);
  const height = 2 * MARGIN + rows * LINE;
  const percent = (ms: number) => ((100 * ms) / totalMs).toFixed(2);
  const pieces = frames.map(({ atMs, lines }, at) => {
    const untilMs = frames[at + 1]?.atMs ?? totalMs;
    const ends = untilMs < totalMs ? `${percent(untilMs)}%{visibility:hidden}` : '';
    const begins = at === 0 ? '0%' : `0%{visibility:hidden}${percent(atMs)}%`;
    return {
      rule: `@keyframes f${at}{${begins}{visibility:visible}${ends}}.f${at}{animation:f${at} ${totalMs}ms step-end infinite}`,
      group: `<g class="frame f${at}${at === frames.length - 1 ? ' last' : ''}">\n${lines.flatMap((runs, row) => lineOf(runs, row + 1)).join('\n')}\n</g>`,
    };
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeXml(title)}</title>
<style>
text{font:${FONT}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}
.strong{font-weight:700}.frame{visibility:hidden}
${rules(0)}
@media(prefers-color-scheme:dark){${rules(1)}}
${pieces.map(({ rule }) => rule).join('\n')}
@media(prefers-reduced-motion:reduce){.frame{animation:none}.last{visibility:visible}}
</style>
<rect class="raised" width="${width}" height="${height}" rx="6"/>
${lineOf(
  [
    { text: '$ ', style: [2] },
    { text: command, style: [1] },
  ],
  0,
).join('\n')}
${pieces.map(({ group }) => group).join('\n')}
</svg>
`;
}

/** A line as one text whose letters stand in columns, whatever the font. */
function lineOf(runs: readonly Run[], row: number): readonly string[] {
  const text = runs
    .map((run) => run.text)
    .join('')
    .trimEnd();
  if (text === '') return [];
  let left = text.length;
  const spans = runs.map((run) => {
    const shown = run.text.slice(0, left);
    left -= shown.length;
    return shown === ''
      ? ''
      : `<tspan class="${['ink', ...run.style.map((style) => LOOKS[style] ?? '')].join(' ').trim()}">${escapeXml(shown)}</tspan>`;
  });
  const y = MARGIN + row * LINE + FONT;
  return [
    `<text x="${MARGIN}" y="${y}" textLength="${(text.length * LETTER).toFixed(1)}" lengthAdjust="spacingAndGlyphs">${spans.join('')}</text>`,
  ];
}

/** What a picture of a terminal needs of the colours of the page; what comes later wins. */
function rules(theme: 0 | 1): string {
  return ['raised', 'ink', 'quiet', 'blocked', 'seg-read', 'seg-connect']
    .map((name) => `.${name}{fill:${COLOURS[name]![theme]}}`)
    .join('');
}
