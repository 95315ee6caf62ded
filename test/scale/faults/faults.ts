import { join } from 'node:path';
import { NO_POSTGRES, NO_REDIS } from '../../servers/index.ts';
import { NO_NETWORK } from '../network.ts';
import type { QueueKind } from '../options.ts';
import { KINDS, type Kind } from './kind.ts';
import { type Conditions, runTrial, type Trial } from './trial.ts';

const CONDITIONS: Omit<Conditions, 'cutSeconds' | 'queue'> = {
  rows: 6000,
  workers: 3,
  inFlight: 150,
  delayMs: 200,
  env: {},
};
/** A cut happens in the middle of a run. */
const LONG: typeof CONDITIONS = { ...CONDITIONS, rows: 20_000 };
const RUNS: Readonly<Record<Kind, number>> = {
  worker: 20,
  coordinator: 5,
  redis: 5,
  postgres: 5,
  network: 5,
};

/** Why a fault can't be had here; false where it can. */
export const SKIPPED: Readonly<Record<Kind, string | false>> = {
  worker: NO_REDIS,
  coordinator: NO_REDIS,
  redis: NO_REDIS,
  postgres: NO_POSTGRES,
  network: NO_REDIS || NO_NETWORK,
};

export interface Series {
  readonly only: Kind | undefined;
  readonly runs: number | undefined;
  readonly jobs: number;
  readonly cutSeconds: number;
  readonly queue: QueueKind;
}

/** Runs trials of each kind that can be had, some at a time, and tells of each. */
export async function runFaults(
  { only, runs, jobs, cutSeconds, queue }: Series,
  folder: string,
  tell: (trial: Trial, done: number, all: number) => void,
): Promise<readonly Trial[]> {
  const kinds = KINDS.filter((kind) => SKIPPED[kind] === false && (only === undefined || kind === only));
  const waiting = kinds.flatMap((kind) => Array<Kind>(runs ?? RUNS[kind]).fill(kind));
  const all = waiting.length;
  const trials: Trial[] = [];
  async function work() {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
      const number = all - waiting.length;
      const conditions = { ...(kind === 'network' ? LONG : CONDITIONS), cutSeconds, queue };
      const trial = await runTrial(kind, number, join(folder, `${number}-${kind}`), conditions);
      trials.push(trial);
      tell(trial, trials.length, all);
    }
  }
  await Promise.all(Array.from({ length: jobs }, work));
  return trials;
}
