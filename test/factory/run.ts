// npm run factory, npm run predict: random programs under abreast watch, and whether their verdicts are right (docs/watch.md).

import { factory, type Run, selected } from './factory.ts';
import { type FactoryOptions, HELP, readOptions } from './options.ts';
import { writeTable } from './page.ts';
import { predict } from './predict.ts';
import { nameOf, programOf } from './program.ts';
import { textOf } from './programs/index.ts';
import { lineOf, predictionLineOf, predictionTableOf, summaryOf, tableOf, wrongOf } from './report.ts';
import { trialLineOf, trialTableOf, triedTableOf, tryAll } from './try.ts';

if (process.argv.includes('--compare')) {
  await import('../compare/factory.ts'); // environments instead of programs, with options of its own
  process.exit();
}

let options: FactoryOptions | 'help';
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`factory: ${(error as Error).message}`);
  process.exit(2);
}
if (options === 'help') console.log(HELP);
else if (options.show) show(options.seed);
else if (options.tried !== undefined) showTried(options.tried, options.write);
else if (options.try) await runTrials(options);
else if (options.predict) await runPredictions(options);
else await runPrograms(options);

function show(seed: number): void {
  const program = programOf(seed);
  console.log(`# ${nameOf(program)}\n\n${textOf(program).source.trim()}`);
}

async function runPrograms(options: FactoryOptions): Promise<void> {
  const runs = await factory(selected(options), options, (run, done, all) => tell(lineOf(run), done, all));
  console.log(`${wrongOf(runs)}\n${tableOf(runs)}\n${summaryOf(runs)}`);
  if (options.write)
    writeTable(
      'factory',
      `seeds ${options.seed} to ${options.seed + options.count - 1}: ${summaryOf(runs)}.\n\n${tableOf(runs)}`,
    );
  process.exitCode = runs.every(isGood) ? 0 : 1;
}

/** A program that fails, or sends less than it would without watch, is as bad as a wrong verdict. */
function isGood({ outcome }: Run): boolean {
  return outcome.kind === 'judged' ? outcome.isRight : !outcome.reason.startsWith('failed');
}

async function runPredictions(options: FactoryOptions): Promise<void> {
  const predictions = await predict(selected(options), (prediction, done, all) =>
    tell(predictionLineOf(prediction), done, all),
  );
  console.log(predictionTableOf(predictions));
  if (options.write)
    writeTable(
      'predict',
      `seeds ${options.seed} to ${options.seed + options.count - 1}:\n\n${predictionTableOf(predictions)}`,
    );
}

async function runTrials(options: FactoryOptions): Promise<void> {
  const trials = await tryAll(selected(options), (trial, done) =>
    tell(trialLineOf(trial), done, options.count),
  );
  console.log(trialTableOf(trials));
  if (options.write)
    writeTable(
      'try',
      `seeds ${options.seed} to ${options.seed + options.count - 1}:\n\n${trialTableOf(trials)}`,
    );
}

function showTried(folder: string, write: boolean): void {
  const table = triedTableOf(folder);
  console.log(table);
  if (write) writeTable('try -- --tried', `on a machine that was busy with other work:\n\n${table}`);
}

function tell(line: string, done: number, all: number): void {
  console.error(`${String(done).padStart(4)}/${all}  ${line}`);
}
