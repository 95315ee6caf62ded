import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tried } from '../../src/compare/index.ts';
import { perform } from './perform.ts';
import { nameOf, type Program } from './program.ts';

/** Delays are this many times as long as in the programs of the seed, so that the start of threads is not what is measured. */
const LONGER = 3;

/** What `watch --try` did for a program; or why nothing is known. */
export type Trial =
  | { readonly program: Program; readonly tried: readonly Tried[] }
  | { readonly program: Program; readonly reason: string };

/** Runs the programs under `watch --try --yes`, one after the other. */
export async function tryAll(
  programs: readonly Program[],
  tell: (trial: Trial, done: number) => void,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const program of programs) {
    const longer = { ...program, delaysMs: program.delaysMs.map((ms) => LONGER * ms) };
    const trial = await trialOf(longer);
    trials.push(trial);
    tell(trial, trials.length);
  }
  return trials;
}

async function trialOf(program: Program): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), `abreast-factory-${program.seed}-`));
  try {
    const performance = await perform(program, folder, ['--try', '--yes']);
    if ('skip' in performance) return { program, reason: performance.skip };
    return { program, tried: (performance.verdict as unknown as { tried: readonly Tried[] }).tried };
  } catch (error) {
    return { program, reason: `failed: ${(error as Error).message}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What came of a program, in a line. */
export function trialLineOf(trial: Trial): string {
  if ('reason' in trial) return `-  ${nameOf(trial.program)}: ${trial.reason}`;
  const [last] = trial.tried.slice(-1);
  if (last === undefined) return `nothing to try  ${nameOf(trial.program)}`;
  const { outcome, text, before, after, predictedMs } = last;
  return `${outcome}  ${nameOf(trial.program)}: ${text}; ${before.wallMs} ms, then ${after.wallMs} ms, predicted ${predictedMs} ms`;
}

/** A row for each program for which something was tried; Markdown. */
export function trialTableOf(trials: readonly Trial[]): string {
  const rows = trials.flatMap((trial) =>
    'reason' in trial ? [] : trial.tried.map((tried) => rowOf(trial.program, tried)),
  );
  const without = trials.filter((trial) => 'tried' in trial && trial.tried.length === 0);
  return `| mechanism | client | what was changed | without | predicted | measured | |
| --- | --- | --- | ---: | ---: | ---: | --- |
${rows.join('')}
Of ${trials.length} programs, ${without.length} had nothing to try: ${namesOf(without)}.
`;
}

function rowOf({ mechanism, client }: Program, tried: Tried): string {
  return `| ${[mechanism, client, ...cellsOf(tried)].join(' | ')} |\n`;
}

function cellsOf({ text, before, after, predictedMs, outcome, why }: Tried): readonly string[] {
  const seconds = (ms: number | null) => (ms === null ? '-' : `${(ms / 1000).toFixed(2)} s`);
  const times = [seconds(before.wallMs), seconds(predictedMs), seconds(after.wallMs)];
  return [text, ...times, why === null ? outcome : `${outcome}: ${why}`];
}

/** A row for each change that was tried, by the verdicts of a folder, which `watch --try --json-file` wrote; Markdown. */
export function triedTableOf(folder: string): string {
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const { tried = [] } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { tried?: Tried[] };
      return tried.map((each) => `| ${[name.slice(0, -'.json'.length), ...cellsOf(each)].join(' | ')} |\n`);
    });
  return `| program | what was changed | without | predicted | measured | |
| --- | --- | ---: | ---: | ---: | --- |
${rows.join('')}`;
}

function namesOf(trials: readonly Trial[]): string {
  return [...new Set(trials.map(({ program }) => program.mechanism))].sort().join(', ') || 'none';
}
