import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { checkTrace, reasonOf } from '../trace/index.ts';
import { refusePipe } from './path.ts';
import { isForUser, UsageError } from './usage.ts';
import { judging } from './watch/options.ts';
import type { VerdictFlags } from './watch/verdict.ts';

const EXAMPLES = `
Examples:
  abreast judge trace.jsonl
  abreast judge t-*.jsonl                 several files of one program, from the kit
  abreast judge --json recording.har
  abreast judge spans.otlp.json           what a tracing system has recorded
  abreast judge --expect 20 trace.jsonl.zst
  abreast judge --check trace.jsonl       check the output of a recorder`;

interface JudgeFlags extends VerdictFlags {
  readonly check?: boolean;
}

/** `abreast judge`: the verdict of a stored trace. */
export function judgeCommand(): Command {
  const command = new Command('judge')
    .description(
      'print the verdict of a recording, as `watch` does for a program: a trace, a HAR file, or spans as OTLP/JSON or Jaeger JSON',
    )
    .argument('<trace...>', 'a trace of watch or get, traces of the kit, or one file of another program')
    .option('--json', 'print the verdict as JSON')
    .option(
      '--check',
      'instead of a verdict, report errors in the traces by line; exit with 1 if there are any',
    );
  return judging(command)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: JudgeFlags, command: Command) => {
      try {
        process.exitCode = await (flags.check ? check(paths, flags) : judge(paths, flags));
      } catch (error) {
        if (!isForUser(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    });
}

async function judge(paths: readonly string[], flags: VerdictFlags): Promise<number> {
  for (const path of paths) refusePipe(path, 'judge');
  const [path, ...others] = paths;
  const { exitCodeOf, judgeAndTell } = await import('./watch/verdict.ts');
  if (others.length === 0) return exitCodeOf(await judgeAndTell(path!, flags));
  const folder = mkdtempSync(join(tmpdir(), 'abreast-judge-'));
  try {
    const joint = join(folder, 'trace.jsonl');
    await (await import('../watch/index.ts')).joinTraces([path!, ...others], joint);
    return exitCodeOf(await judgeAndTell(joint, flags));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prints what is wrong with each trace. @returns 1 when anything is */
async function check(paths: readonly string[], { json }: JudgeFlags): Promise<number> {
  let isGood = true;
  for (const path of paths) {
    const { records, faults, faultCount } = await readable(path, checkTrace);
    isGood &&= faultCount === 0;
    if (json) {
      console.log(JSON.stringify({ version: 1, trace: path, records, faultCount, faults }));
      continue;
    }
    for (const { line, text } of faults) console.log(`${path}:${line}: ${text}`);
    if (faultCount > faults.length) console.log(`${path}: ${faultCount - faults.length} more are not shown`);
    if (faultCount === 0) console.log(`${path}: ${records} records, nothing is wrong`);
  }
  return isGood ? 0 : 1;
}

/** @throws UsageError where the file can't be read */
async function readable<Found>(path: string, read: (path: string) => Promise<Found>): Promise<Found> {
  try {
    return await read(path);
  } catch (error) {
    throw new UsageError(`${path}: the trace can't be read: ${reasonOf(error)}`);
  }
}
