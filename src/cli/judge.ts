import { Command } from 'commander';
import { positive } from './get/values.ts';
import { isForUser } from './usage.ts';

interface JudgeFlags {
  readonly json?: boolean;
  readonly jsonFile?: string;
  readonly expect?: number;
  readonly asked?: number;
}

const EXAMPLES = `
Examples:
  abreast judge trace.jsonl
  abreast judge --json recording.har
  abreast judge --expect 20 trace.jsonl.zst`;

/** `abreast judge`: the verdict of a stored trace. */
export function judgeCommand(): Command {
  return new Command('judge')
    .description('say of a stored trace (or a HAR file) what `watch` says of a program')
    .argument('<trace>', 'a trace of watch, of get, or of the kit; or a HAR file')
    .option('--json', 'print the verdict as JSON')
    .option('--json-file <file>', 'write the verdict as JSON there')
    .option('--expect <n>', 'exit 1 unless so many were in flight, 125 if it cannot be told', positive)
    .option('--asked <n>', 'how many requests the program wants at once, where nobody could see it', positive)
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, flags: JudgeFlags, command: Command) => {
      try {
        process.exitCode = await judge(path, flags);
      } catch (error) {
        if (!isForUser(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: 2 });
      }
    });
}

async function judge(path: string, flags: JudgeFlags): Promise<number> {
  const [{ judgeHar, judgeTrace }, { exitCodeOf, tell }] = await Promise.all([
    import('../diagnose/index.ts'),
    import('./watch/verdict.ts'),
  ]);
  const judged = await (path.endsWith('.har') ? judgeHar : judgeTrace)(path, {
    ...(flags.asked !== undefined && { asked: flags.asked }),
    ...(flags.expect !== undefined && { expect: flags.expect }),
  });
  await tell(judged, flags);
  return exitCodeOf(judged);
}
