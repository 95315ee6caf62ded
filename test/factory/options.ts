import { parseArgs } from 'node:util';

export const HELP = `npm run factory -- [options]

Programs made by chance, each slow for a reason that is known (or for none), under abreast watch: was the verdict right?

  --seed S        the first seed; a seed names a program (1)
  --count N       how many programs (40)
  --only TEXT     only programs of which the mechanism or the client begins so
  --jobs N        programs at a time (1)
  --keep DIR      keep program, verdict and trace of those that were judged wrong there
  --all           with --keep: of all that were judged
  --show          print the program of --seed, run nothing
  --predict       the slow programs and their fast twins instead: the time that was said to be possible, and the one it took
  --write         put the table into docs/watch.md
  --help
`;

export interface FactoryOptions {
  readonly seed: number;
  readonly count: number;
  readonly only: string | undefined;
  readonly jobs: number;
  readonly keep: string | undefined;
  readonly all: boolean;
  readonly show: boolean;
  readonly predict: boolean;
  readonly write: boolean;
}

/** @throws TypeError for what it does not know. */
export function readOptions(args: readonly string[]): FactoryOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '40' },
      only: { type: 'string' },
      jobs: { type: 'string', default: '1' },
      keep: { type: 'string' },
      all: { type: 'boolean', default: false },
      show: { type: 'boolean', default: false },
      predict: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'seed' | 'count' | 'jobs', least: number): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= least) return value;
    throw new TypeError(`--${name}: '${values[name]}' is no whole number of at least ${least}`);
  };
  const { only, keep, all, show, predict, write } = values;
  return {
    seed: number('seed', 0),
    count: number('count', 1),
    jobs: number('jobs', 1),
    only,
    keep,
    all,
    show,
    predict,
    write,
  };
}
