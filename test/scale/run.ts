// npm run scale: a report on several processes with a queue, measured, or while parts of it fail (docs/scale.md).

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWithRuntimeClient } from '../lambda/ric.ts';
import { NO_POSTGRES, NO_REDIS } from '../servers/index.ts';
import { runFaults, SKIPPED } from './faults/faults.ts';
import { KINDS } from './faults/kind.ts';
import { type Measured, measureLoad } from './load.ts';
import { HELP, readOptions, type ScaleOptions } from './options.ts';
import { writePart } from './page.ts';
import { paper, readFigures, writeFigures } from './paper.ts';
import { costSentence, faultTable, loadTable, trialLine } from './text.ts';

let options: ScaleOptions | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`scale: ${(error as Error).message}`);
  process.exit(2);
}
if (options === 'help') console.log(HELP);
else if (options.paper) writePaper(options);
else await inScratch(options, options.lambdaRic ? runtimeClient : options.faults ? faults : load);

async function load(options: ScaleOptions, folder: string): Promise<void> {
  const absent = options.queue === 'redis' ? NO_REDIS : NO_POSTGRES;
  if (absent !== false) throw new Error(absent);
  const figures = await measureLoad(options, folder, options.shards ? null : lastShards(options));
  const text = `${loadTable(figures)}\n\n${costSentence(figures)}`;
  console.log(text);
  for (const { name, cpuSeconds, peakMb } of figures.queued.programs)
    console.log(
      `  ${name.padEnd(12)} ${cpuSeconds.toFixed(1).padStart(7)} s CPU ${peakMb.toFixed(0).padStart(5)} MB`,
    );
  const { counts, mostInFlight } = figures.queued;
  const isExact = counts.rows === options.count && counts.results === options.count && counts.failed === 0;
  if (options.write) {
    writePart(options.queue, `On ${today()}:\n\n${text}\n`);
    writeFigures(figures);
  }
  process.exitCode = isExact && mostInFlight <= options.perOrigin * 1.01 ? 0 : 1;
}

function lastShards({ count, workers, delayMs, perOrigin }: ScaleOptions): Measured {
  const last = Object.values(readFigures()).find(
    (each) =>
      each.count === count &&
      each.workers === workers &&
      each.delayMs === delayMs &&
      each.perOrigin === perOrigin,
  );
  if (last === undefined) throw new Error('--no-shards: no figures of this work were written yet');
  return last.sharded;
}

async function faults(options: ScaleOptions, folder: string): Promise<void> {
  for (const kind of KINDS)
    if (SKIPPED[kind] !== false && (options.only ?? kind) === kind)
      console.error(`scale: ${kind} is left out: ${SKIPPED[kind]}`);
  const trials = await runFaults(options, folder, (trial, done, all) =>
    console.error(`${String(done).padStart(3)}/${all}  ${trialLine(trial)}`),
  );
  console.log(faultTable(trials));
  if (options.write) writePart('faults', `On ${today()}:\n\n${faultTable(trials)}\n`);
  process.exitCode = trials.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}

async function runtimeClient(_: ScaleOptions, folder: string): Promise<void> {
  console.log(await runWithRuntimeClient(folder));
}

function writePaper({ write }: ScaleOptions): void {
  const text = paper(readFigures());
  console.log(text);
  if (write) writePart('paper', `${text}\n`);
}

/** In a folder that is gone afterwards. */
async function inScratch(
  options: ScaleOptions,
  run: (options: ScaleOptions, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-scale-'));
  try {
    await run(options, folder);
  } catch (error) {
    console.error(`scale: ${(error as Error).message}`);
    process.exitCode = 1;
  } finally {
    if (options.keep) console.error(`scale: everything is in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
