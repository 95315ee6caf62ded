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
  readonly html?: string;
  readonly live?: boolean;
  readonly try?: boolean;
  readonly yes?: boolean;
  /** With --try: how often the command runs again, at most. */
  readonly runs: number;
}

const EXAMPLES = `
Examples:
  abreast watch -- python report.py
  abreast watch npm run report            the \`--\` is optional
  abreast watch --expect 20 -- python report.py     for CI: exit code 1 if fewer
  abreast watch --live -- python report.py          see its requests while it runs
  abreast watch --for 30s --json-file verdict.json -- node server.js
  abreast watch --kit probes              to record without abreast
  abreast judge TRACE                     the verdict of such a recording
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
    .option('--trace <file>', 'write the trace to this file; .zst is compressed', path())
    .option('--html <file>', 'write a page that shows the run, as `abreast view` does', path())
    .option('--live', 'show requests while the program runs; on a terminal its output passes through abreast')
    .option('--try', 'try from outside what may help: run the command again with it, and compare')
    .option('--yes', 'with --try: do not ask before a change that puts more load on a server')
    .option('--runs <n>', 'with --try: run the command at most so many times more', positive, 20)
    .option('--keep-urls', 'keep credentials in URLs (default: written as ***)')
    .option(
      '--no-syscalls',
      'record from inside alone: Python, Node and Ruby only, at a fraction of the cost',
    )
    .option('--for <time>', 'end the program after this time, as Ctrl-C would: 30s, 5m', duration)
    .option('--kit <dir>', 'write the probes to this folder, to record without abreast', path())
    .option(
      '--har <file>',
      "judge a browser's or a proxy's recording instead of a program, as `abreast judge` does",
      path(),
    );
}

/** Adds the options of whatever gives a verdict. */
export function judging(command: Command): Command {
  return origins(
    command.option('--json-file <file>', 'write the verdict as JSON to this file', path()),
  ).option(
    '--expect <n>',
    'exit with 1 unless n were in flight at once, 0.8 n on average; with 125 if unknown',
    positive,
  );
}

/** Adds the options that say what is judged. */
export function origins(command: Command): Command {
  return underOldName(command)
    .option(
      '--wanted <n>',
      'how many requests the program wants at once, if no recorder can see it',
      positive,
    )
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
