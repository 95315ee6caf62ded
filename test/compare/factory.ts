/** `npm run factory -- --compare`: does compare find what was planted? Runs generated environments, and says how often. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Comparison,
  compare,
  GivenUp,
  nameOf,
  openEnvironment,
  runOnce,
  type Setup,
} from '../../src/compare/index.ts';
import { startServer } from '../../src/testserver/index.ts';
import { gardenOf, PLANTS } from './gardens.ts';
import { type Garden, layGarden } from './planted.ts';

const { values } = parseArgs({
  options: {
    compare: { type: 'boolean' },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '50' },
    results: { type: 'string' }, // a file: seeds that it has are not run again, so pieces can be run at different times
    verbose: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});

const MOST_RUNS = 60;

interface Result {
  readonly seed: number;
  readonly culprits: number;
  readonly together: boolean;
  readonly found: 'exact' | 'not told' | 'wrong';
  readonly runs: number;
  readonly seconds: number;
}

const first = Number(values.seed);
const earlier = values.results !== undefined && existsSync(values.results) ? resultsIn(values.results) : [];
const results: Result[] = [];
const server = await startServer();
let isStopped = false;
process.once('SIGINT', () => {
  isStopped = true; // after the seed that is under way, with the table of those that were done
});
for (let seed = first; seed < first + Number(values.count) && !isStopped; seed++) {
  const made = earlier.find((each) => each.seed === seed);
  if (made !== undefined) {
    results.push(made);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), 'abreast-garden-'));
  try {
    const result = await judged(seed, folder);
    results.push(result);
    if (values.results !== undefined) appendFileSync(values.results, `${JSON.stringify(result)}\n`);
    console.log(`seed ${seed}: ${result.found}, ${result.runs} runs, ${result.seconds.toFixed(1)} s`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
await server.close();

const table = tableOf(results);
console.log(table);
if (values.write) writeInto('docs/compare.md', table);
process.exitCode = results.some(({ found }) => found === 'wrong') ? 1 : 0;

async function judged(seed: number, folder: string): Promise<Result> {
  const garden = gardenOf(seed);
  const laid = layGarden(folder, garden);
  const making = { python: undefined, command: [], say: () => {}, signal: new AbortController().signal };
  const [slow, fast] = [await openEnvironment(laid.slow, making), await openEnvironment(laid.fast, making)];
  const startedMs = performance.now();
  let runs = 0;
  const options = {
    command: ['python', laid.program, String(server.httpPort)],
    folder,
    timeoutMs: 60_000,
    without: ['syscalls'],
    signal: new AbortController().signal,
  };
  const comparison = await compare(
    { name: 'A', environment: slow, variables: {} },
    { name: 'B', environment: fast, variables: {} },
    async (setup: Setup) => {
      if (++runs > MOST_RUNS) throw new GivenUp(`${MOST_RUNS} runs were not enough`);
      const run = await runOnce(runs, setup, options);
      if (values.verbose)
        console.log(`  ${nameOf(setup)}: ${run.verdict.overlap}, exit code ${run.exitCode}`);
      return run;
    },
  );
  const culprits = garden.plants.filter(({ culprit }) => culprit).length;
  const found = foundIn(comparison, garden);
  if (found !== 'exact')
    console.log(`  ${comparison.text}; found ${namesOf(comparison).join(', ') || 'nothing'}`);
  const seconds = (performance.now() - startedMs) / 1000;
  return { seed, culprits, together: garden.threshold > 1, found, runs, seconds };
}

function resultsIn(file: string): readonly Result[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function foundIn(comparison: Comparison, { plants }: Garden): Result['found'] {
  const planted = plants.filter(({ culprit }) => culprit).map(({ name }) => name);
  const isExact = JSON.stringify(namesOf(comparison).sort()) === JSON.stringify(planted.sort());
  if (comparison.outcome === 'proved') return isExact ? 'exact' : 'wrong';
  return 'not told';
}

function namesOf({ set }: Comparison): string[] {
  return set.flatMap((each) =>
    each.kind === 'variable' || each.kind === 'interpreter'
      ? each.name
      : each.kind === 'missing'
        ? each.fast.name
        : each.slow.name,
  );
}

function tableOf(all: readonly Result[]): string {
  const kinds = [
    ['one culprit', all.filter(({ culprits }) => culprits === 1)],
    ['two or three, slow alone', all.filter(({ culprits, together }) => culprits > 1 && !together)],
    ['two or three, slow together', all.filter(({ together }) => together)],
    ['all', all],
  ] as const;
  return [
    `Seeds ${first} to ${first + all.length - 1}, ${PLANTS} distributions each:`,
    '',
    '| planted | environments | exact set proved | not told | wrong | runs, median | runs, most | s, median |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...kinds.map(([kind, some]) => {
      const number = (found: Result['found']) => some.filter((each) => each.found === found).length;
      const runs = some.map((each) => each.runs);
      const cells = [some.length, number('exact'), number('not told'), number('wrong')];
      return `| ${kind} | ${cells.join(' | ')} | ${middle(runs)} | ${Math.max(0, ...runs)} | ${middle(some.map(({ seconds }) => Math.round(seconds)))} |`;
    }),
  ].join('\n');
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function writeInto(file: string, text: string): void {
  const page = readFileSync(file, 'utf8');
  const [begin, end] = ['<!-- npm run factory -- --compare -->\n', '\n<!-- end -->'];
  const at = page.indexOf(begin) + begin.length;
  writeFileSync(file, page.slice(0, at) + text + page.slice(page.indexOf(end, at)));
}
