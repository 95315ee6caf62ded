import { parseArgs } from 'node:util';

export const HELP = `npm run torture -- [options]

Hostile servers, made by chance, against the built package; undici and curl beside it where they can judge.

  --seed S      which cases: the same seed gives the same ones (1)
  --minutes M   ends after so long (1, unless --count is given)
  --count N     ends after so many cases
  --case N      this one alone, with what the server said and what each client made of it
  --only TEXT   only cases of which the kind or a mark begins so
  --budget MB   memory of the process that runs abreast, at most (400)
  --help
`;

export interface TortureOptions {
  readonly seed: number;
  readonly minutes: number | null;
  readonly count: number | null;
  readonly case: number | null;
  readonly only: string | undefined;
  readonly budgetMb: number;
}

/** @throws TypeError for what it does not know. */
export function readOptions(args: readonly string[]): TortureOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      count: { type: 'string' },
      case: { type: 'string' },
      only: { type: 'string' },
      budget: { type: 'string', default: '400' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const number = (name: 'seed' | 'minutes' | 'count' | 'case' | 'budget', least: number): number | null => {
    const text = values[name];
    if (text === undefined) return null;
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && (name === 'minutes' || Number.isInteger(value)))
      return value;
    throw new TypeError(`--${name}: '${text}' is no number of at least ${least}`);
  };
  const count = number('count', 1);
  return {
    seed: number('seed', 0)!,
    minutes: number('minutes', 0) ?? (count === null ? 1 : null),
    count,
    case: number('case', 0),
    only: values.only,
    budgetMb: number('budget', 50)!,
  };
}
