import { Command, InvalidArgumentError } from 'commander';
import type { Comparison } from '../../compare/index.ts';
import { duration, positive } from '../get/values.ts';
import { path } from '../path.ts';

/** What a user typed after `abreast compare`. */
export interface CompareFlags {
  readonly envA: readonly string[];
  readonly envB: readonly string[];
  readonly hide?: readonly string[];
  readonly suspects?: boolean;
  readonly bisect?: string;
  readonly python?: string;
  readonly pythonA?: string;
  readonly pythonB?: string;
  readonly maxRuns: number;
  readonly timeout: string;
  /** false: --no-syscalls. */
  readonly syscalls: boolean;
  readonly json?: boolean;
  readonly resume?: string;
}

/** As `git bisect run` reads them. */
export const EXIT_CODES: Readonly<Record<Comparison['outcome'], number>> = {
  proved: 0,
  'no difference': 1,
  unknown: 125,
};
/** After Ctrl-C. */
export const INTERRUPTED = 130;

const EXAMPLES = `
Examples:
  abreast compare venv-fast venv-slow -- python report.py
  abreast compare --python 3.11 old.txt new.txt -- python report.py
  abreast compare --env-a UV_THREADPOOL_SIZE=64 venv venv -- python report.py
  abreast compare --suspects -- python report.py         one environment: what may do it?
  abreast compare --hide pyOpenSSL -- python report.py   one environment: is it this?
  abreast compare --bisect v1.0..HEAD -- python report.py

The sides may be given in any order. \`python\` in the command is the environment's.
Exit code: 0 a set is proved, 1 no difference, 125 could not tell, 2 bad usage.`;

/** The command line of compare. */
export function compareDefinition(): Command {
  return new Command('compare')
    .description('run a command in two environments, find what makes it slow in one of them, and prove it')
    .argument(
      '[words...]',
      'two environments (venvs, interpreters, requirement or lock files, folders with node_modules), then --, then the command; with --hide, --suspects or --bisect one, or none: that of the command',
    )
    .passThroughOptions()
    .option(
      '--hide <names>',
      'in one environment: hide these modules or distributions (a,b), all together',
      names,
    )
    .option('--suspects', 'in one environment: hide in turn what has replaced parts of others')
    .option(
      '--bisect <good..bad>',
      'find the first commit that is slow, by git bisect in a worktree of its own',
    )
    .option('--env-a <name=value>', 'a variable of the first environment; may be repeated', collect, [])
    .option('--env-b <name=value>', 'a variable of the second environment; may be repeated', collect, [])
    .option(
      '--python <which>',
      'make the environments of requirement and lock files for this Python: 3.11, or its file; else for that of the command',
    )
    .option('--python-a <which>', 'that of the first side alone')
    .option('--python-b <which>', 'that of the second side alone')
    .option('--max-runs <n>', 'make no more runs than this', positive, 40)
    .option('--timeout <time>', 'end a run that takes longer: 30s, 5m', duration, '5m')
    .option('--no-syscalls', 'record from inside alone, at a fraction of the cost')
    .option(
      '--resume <dir>',
      'go on with a comparison that was interrupted; the folder is in its last line',
      path(),
    )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', EXAMPLES);
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}

function names(text: string): readonly string[] {
  const all = text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (all.length === 0)
    throw new InvalidArgumentError('Give the name of a distribution or of a module, or several: a,b.');
  return all;
}
