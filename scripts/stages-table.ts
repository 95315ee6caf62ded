/**
 * `abreast stages all --proto http,https -n 3,5,10 --json | node scripts/stages-table.ts`: writes what came of it into
 * docs/stages.md, as its table. A row for each stage, Python and protocol; seconds of 3, 5 and 10 requests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const PAGE = new URL('../docs/stages.md', import.meta.url);
const TABLE = /(?<=<!-- scripts\/stages-table\.ts -->\n)[\s\S]*?(?=<!-- end -->)/;
const HEAD = `| stage | Python | protocol | requests, s | grequests, s | in flight | socket | result |
| --- | --- | --- | --- | --- | --- | --- | --- |
`;

interface Measured {
  readonly seconds: number;
  readonly inFlight: { readonly mean: number } | null;
  readonly socket: readonly string[];
}

interface Cell {
  readonly stage: string;
  readonly interpreter: string;
  readonly protocol: string;
  readonly n: number;
  readonly serial: Measured;
  readonly concurrent: Measured;
  readonly came: string;
}

const { cells, asExpected } = JSON.parse(await text(process.stdin)) as { cells: Cell[]; asExpected: boolean };
if (!asExpected) {
  console.error('stages-table: this run did not come out as expected, and is no table for the page');
  process.exit(1);
}
const groups = Map.groupBy(
  cells,
  ({ stage, interpreter, protocol }) => `${stage} ${interpreter} ${protocol}`,
);
const page = readFileSync(PAGE, 'utf8');
writeFileSync(PAGE, page.replace(TABLE, HEAD + [...groups.values()].map(rowOf).join('')));

function rowOf(group: readonly Cell[]): string {
  const { stage, interpreter, protocol, came } = group[0]!;
  const most = group.at(-1)!.concurrent;
  return `| ${[
    stage,
    interpreter,
    protocol,
    secondsOf(group, 'serial'),
    secondsOf(group, 'concurrent'),
    most.inFlight?.mean.toFixed(1) ?? '-',
    `\`${most.socket[0]}\``,
    came,
  ].join(' | ')} |\n`;
}

function secondsOf(group: readonly Cell[], program: 'serial' | 'concurrent'): string {
  return group.map((cell) => cell[program].seconds.toFixed(2)).join(', ');
}
