import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { isForUser, UsageError } from './usage.ts';
import { judging } from './watch/options.ts';
import type { VerdictFlags } from './watch/verdict.ts';

const EXAMPLES = `
Examples:
  abreast judge trace.jsonl
  abreast judge t-*.jsonl                 one file a process, as the kit writes
  abreast judge --json recording.har
  abreast judge --expect 20 trace.jsonl.zst`;

/** `abreast judge`: the verdict of a stored trace. */
export function judgeCommand(): Command {
  const command = new Command('judge')
    .description('say of a stored trace (or a HAR file) what `watch` says of a program')
    .argument('<trace...>', 'a trace of watch or get, those of the kit, or a HAR file')
    .option('--json', 'print the verdict as JSON');
  return judging(command)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: VerdictFlags, command: Command) => {
      try {
        process.exitCode = await judge(paths, flags);
      } catch (error) {
        if (!isForUser(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    });
}

async function judge(paths: readonly string[], flags: VerdictFlags): Promise<number> {
  paths.forEach(refusePipe);
  const [path, ...others] = paths;
  const { exitCodeOf, judgeAndTell } = await import('./watch/verdict.ts');
  if (others.length === 0) return exitCodeOf(await judgeAndTell(path!, flags, path!.endsWith('.har')));
  const folder = mkdtempSync(join(tmpdir(), 'abreast-judge-'));
  try {
    const joint = join(folder, 'trace.jsonl');
    await (await import('../watch/index.ts')).joinTraces([path!, ...others], joint);
    return exitCodeOf(await judgeAndTell(joint, flags));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A trace is read twice, for its verdict and for its waterfall. @throws UsageError */
function refusePipe(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFIFO() || found?.isSocket())
    throw new UsageError(`${path}: this is a pipe, and judge reads a trace twice. Write it to a file first.`);
}
