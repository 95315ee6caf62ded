import { parseArgs } from 'node:util';

export const HELP = `npm run factory -- [options]

Runs random programs under abreast watch. Why each is slow (or that it is not) is known: is the verdict right?

  --seed S        the first seed; a seed names a program (1)
  --count N       how many programs (40)
  --only TEXT     only programs whose mechanism or client begins with this text
  --jobs N        how many programs run at a time (1)
  --keep DIR      copy program, verdict and trace to this folder if the verdict is wrong
  --all           with --keep: copy those of all programs
  --show          print the program of --seed, and run nothing
  --predict       compare the possible time of each slow program with the time that its fast twin takes
  --try           run each program under watch --try: does the change help as much as was predicted?
  --tried DIR     with --try: run nothing; NAME.json in this folder are what \`watch --try --json-file\` wrote of other programs
  --compare       run abreast compare on generated environments instead: --seed, --count, --verbose, --write
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
  readonly try: boolean;
  readonly tried: string | undefined;
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
      try: { type: 'boolean', default: false },
      tried: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'seed' | 'count' | 'jobs', least: number): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= least) return value;
    throw new TypeError(`--${name}: '${values[name]}' is not a whole number of at least ${least}`);
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
    try: values.try,
    tried: values.tried,
    write,
  };
}
