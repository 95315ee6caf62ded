import { median, type Row } from './summary.ts';

type Column = readonly [title: string, cell: (row: Row) => string];

const COLUMNS: readonly Column[] = [
  ['peer', (row) => row.peer],
  ['wall s', (row) => (killed(row) ? '>' : '') + row.wallSeconds.toFixed(2)],
  ['of Go', (row) => (row.ofGo === null ? '-' : `${row.ofGo.toFixed(row.ofGo < 10 ? 2 : 0)}x`)],
  ['CPU us', (row) => (killed(row) ? '-' : Math.round(row.cpuMicrosPerRequest).toLocaleString('en'))],
  ['RSS MB', (row) => row.peakRssMb.toFixed(0)],
  ['in flight', (row) => `${row.inFlightMean.toFixed(0)}/${row.inFlightMax.toFixed(0)}`],
  ['conns', (row) => String(Math.round(row.connections))],
];

// Cores' worth of other work at which figures are called rough.
const NOISY = 0.1;

/** A Markdown table of at most 80 columns, fastest first, and under it what went wrong, a line each. */
export function table(rows: readonly Row[]): string {
  const ranked = [...rows].sort((a, b) => rank(a) - rank(b) || a.wallSeconds - b.wallSeconds);
  const cells = ranked.map((row) => COLUMNS.map(([, cell]) => cell(row)));
  const widths = COLUMNS.map(([title], at) => Math.max(title.length, ...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const problems = ranked.filter((row) => row.problem !== null).map((row) => `- ${row.peer}: ${row.problem}`);
  const load = median(rows.map((row) => row.otherLoad));
  if (load >= NOISY)
    problems.push(`- the machine did ${load.toFixed(1)} cores' worth of other work: rough figures`);
  const lines = [line(COLUMNS.map(([title]) => title)), rule, ...cells.map(line)];
  return [...lines, ...(problems.length > 0 ? ['', ...problems] : [])].join('\n');
}

function killed(row: Row): boolean {
  return row.problem?.startsWith('killed') ?? false;
}

/** Who did not do all of it comes last. */
function rank(row: Row): number {
  return row.problem === null ? 0 : 1;
}
