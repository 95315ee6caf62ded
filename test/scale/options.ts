import { parseArgs } from 'node:util';
import { KINDS, type Kind } from './faults/kind.ts';

export const HELP = `npm run scale -- [options]

One report on several processes with a queue, measured; see docs/scale.md.

  --queue redis|postgres   the queue (redis)
  --count N                GETs (50000)
  --workers W              processes of abreast worker (4)
  --sites S                test servers; each is an origin (4)
  --per-origin N           GETs in flight at each of them (100)
  --rate R                 GETs per second at each of them (no limit)
  --no-shards              compare with the shards of the last figures, of the same work
  --delay MS               how long each answer takes (100)
  --faults                 processes and networks fail instead, and the results are counted
  --only KIND              with --faults: ${KINDS.join(', ')}
  --runs N                 with --faults: of each kind (20 of worker, 5 of the others)
  --jobs N                 with --faults: how many at a time (2)
  --cut S                  with --faults: how long the network is cut (20)
  --paper                  computes 100,000,000 GETs a day from the figures that were written last
  --lambda-ric             runs a packed function with AWS's runtime client for Node, which it installs (minutes)
  --write                  put the figures into docs/scale.md
  --keep                   keep the scratch folder, and name it
  --help
`;

export type QueueKind = 'redis' | 'postgres';

export interface ScaleOptions {
  readonly queue: QueueKind;
  readonly count: number;
  readonly workers: number;
  readonly sites: number;
  readonly perOrigin: number;
  /** GETs per second and origin; null: no limit. */
  readonly rate: number | null;
  readonly delayMs: number;
  /** false: those of the last figures are taken. */
  readonly shards: boolean;
  readonly faults: boolean;
  readonly only: Kind | undefined;
  readonly runs: number | undefined;
  readonly jobs: number;
  readonly cutSeconds: number;
  readonly paper: boolean;
  readonly lambdaRic: boolean;
  readonly write: boolean;
  readonly keep: boolean;
}

/** @throws TypeError for what it does not know. */
export function readOptions(args: readonly string[]): ScaleOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      queue: { type: 'string', default: 'redis' },
      count: { type: 'string', default: '50000' },
      workers: { type: 'string', default: '4' },
      sites: { type: 'string', default: '4' },
      'per-origin': { type: 'string', default: '100' },
      rate: { type: 'string' },
      delay: { type: 'string', default: '100' },
      shards: { type: 'boolean', default: true },
      faults: { type: 'boolean', default: false },
      only: { type: 'string' },
      runs: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      cut: { type: 'string', default: '20' },
      paper: { type: 'boolean', default: false },
      'lambda-ric': { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return 'help';
  const number = (
    name: 'count' | 'workers' | 'sites' | 'per-origin' | 'rate' | 'delay' | 'runs' | 'jobs' | 'cut',
  ) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new TypeError(`--${name}: '${values[name]}' is not a whole number of at least 1`);
  };
  return {
    queue: oneOf('queue', values.queue, ['redis', 'postgres']),
    count: number('count'),
    workers: number('workers'),
    sites: number('sites'),
    perOrigin: number('per-origin'),
    rate: values.rate === undefined ? null : number('rate'),
    delayMs: number('delay'),
    shards: values.shards,
    faults: values.faults,
    only: values.only === undefined ? undefined : oneOf('only', values.only, KINDS),
    runs: values.runs === undefined ? undefined : number('runs'),
    jobs: number('jobs'),
    cutSeconds: number('cut'),
    paper: values.paper,
    lambdaRic: values['lambda-ric'],
    write: values.write,
    keep: values.keep,
  };
}

function oneOf<T extends string>(name: string, value: string, words: readonly T[]): T {
  const word = words.find((each) => each === value);
  if (word === undefined) throw new TypeError(`--${name}: '${value}' is none of ${words.join(', ')}`);
  return word;
}
