import { Command, Option } from 'commander';
import { duration, positive } from '../get/values.ts';
import { path } from '../path.ts';
import type { VerdictFlags } from './verdict.ts';

/** What a user typed after `abreast watch`. */
export interface WatchFlags extends VerdictFlags {
  readonly trace?: string;
  readonly keepUrls?: boolean;
  /** false: --no-syscalls. */
  readonly syscalls: boolean;
  readonly for?: string;
  readonly kit?: string;
  readonly har?: string;
}

const EXAMPLES = `
Examples:
  abreast watch -- python report.py
  abreast watch npm run report            the \`--\` may be left out
  abreast watch --expect 20 -- python report.py     for CI: 1 if it had fewer
  abreast watch --for 30s --json-file verdict.json -- node server.js
  abreast watch --kit probes              to record where abreast is not
  abreast judge TRACE                     what was recorded there, judged here
  abreast doctor                          what can be recorded on this machine`;

/** The command line of watch. */
export function watchDefinition(): Command {
  return judging(watching()).addHelpText('after', EXAMPLES);
}

function watching(): Command {
  return new Command('watch')
    .description('run any program and say whether its requests overlapped, and if not, why not')
    .argument('[command...]', 'the program and its arguments')
    .passThroughOptions()
    .option('--json', "print the verdict as JSON; the program's output goes to standard error")
    .option('--trace <file>', 'keep the trace there (compressed when it ends in .zst)', path())
    .option('--keep-urls', 'leave credentials in URLs')
    .option(
      '--no-syscalls',
      'record from inside alone: Python, Node and Ruby only, at a fraction of the cost',
    )
    .option('--for <time>', 'end the program after so long, as Ctrl-C would: 30s, 5m', duration)
    .option('--kit <dir>', 'write the probes there, to record where abreast is not', path())
    .option('--har <file>', "judge a browser's or a proxy's recording instead of a program", path());
}

/** Adds the options of whatever gives a verdict. */
export function judging(command: Command): Command {
  return underOldName(command)
    .option('--json-file <file>', 'write the verdict as JSON there', path())
    .option('--wanted <n>', 'how many requests the program wants at once, where nobody saw it', positive)
    .option('--expect <n>', 'exit 1 unless so many were in flight, 125 if that cannot be told', positive)
    .addOption(
      new Option('--only <origin>', 'judge this origin alone; may be repeated')
        .argParser(collect)
        .default([], 'all'),
    )
    .addOption(
      new Option('--ignore <origin>', 'leave this origin out; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    );
}

/** --asked is what 0.1 called --wanted. */
function underOldName(command: Command): Command {
  return command
    .addOption(new Option('--asked <n>').argParser(positive).hideHelp())
    .on('option:asked', (text: string) => command.setOptionValue('wanted', positive(text)));
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
