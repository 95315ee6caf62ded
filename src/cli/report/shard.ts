import type { Shard } from '../../chunks/index.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The variables from which a process learns its number. */
interface Scheduler {
  readonly name: string;
  /** The variable with the number of the process. */
  readonly index: string;
  /** Variables of the first number, and of the step from one to the next; 0 and 1 where there are none. */
  readonly first?: string;
  readonly step?: string;
  /** The variable with how many there are. */
  readonly count: string;
}

/** Kubernetes sets no variable for the number of completions: the manifest sets JOB_COMPLETIONS, or the option has the number. */
const SCHEDULERS: readonly Scheduler[] = [
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: 'JOB_COMPLETIONS' },
  { name: 'AWS Batch', index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
  {
    name: 'Slurm',
    index: 'SLURM_ARRAY_TASK_ID',
    first: 'SLURM_ARRAY_TASK_MIN',
    step: 'SLURM_ARRAY_TASK_STEP',
    count: 'SLURM_ARRAY_TASK_COUNT',
  },
];

/**
 * The shard of `2/4`, from 1; of `env` or `env/4` by the variables of a scheduler, which count from 0.
 * @throws Error that says what is wrong with the value
 */
export function parseShard(value: string, env: Env): Shard {
  const found = /^(?:(\d{1,6})|env)(?:\/(\d{1,6}))?$/.exec(value);
  if (found === null || (found[1] !== undefined && found[2] === undefined))
    throw new Error('It must be like 2/4, the second of four; or env, or env/4, for what a scheduler says.');
  const of = found[2] === undefined ? null : Number(found[2]);
  const shard = found[1] === undefined ? shardFrom(env, of) : { number: Number(found[1]), of: of! };
  if (shard.number >= 1 && shard.number <= shard.of) return shard;
  throw new Error(
    `Of ${shard.of} shards the first is 1 and the last is ${shard.of}; this is ${shard.number}.`,
  );
}

function shardFrom(env: Env, of: number | null): Shard {
  const scheduler = SCHEDULERS.find(({ index }) => env[index] !== undefined);
  if (scheduler === undefined)
    throw new Error(`None of ${SCHEDULERS.map(({ index }) => index).join(', ')} is in the environment.`);
  const { name, index, first, step, count } = scheduler;
  const number = numberOf(env, index);
  // With a given number of shards the index counts from 0: if some tasks run again, the scheduler counts only these.
  if (of !== null && number < of) return { number: number + 1, of };
  if (of !== null)
    throw new Error(`${index} is ${number}, counted from 0: of ${of} shards the last one is ${of - 1}.`);
  if (env[count] === undefined)
    throw new Error(
      `${name} has set ${index}, but not ${count}, the number of shards: give it, as in env/4.`,
    );
  const place = (number - numberOf(env, first, 0)) / numberOf(env, step, 1);
  if (!Number.isInteger(place))
    throw new Error(`${index} is ${number}, which does not fit ${first} and ${step}.`);
  return { number: place + 1, of: numberOf(env, count) };
}

function numberOf(env: Env, variable: string | undefined, otherwise?: number): number {
  const text = variable === undefined ? undefined : env[variable];
  if (text === undefined && otherwise !== undefined) return otherwise;
  if (text !== undefined && /^\d{1,6}$/.test(text)) return Number(text);
  throw new Error(`${variable} is '${text}', and should be a whole number.`);
}
