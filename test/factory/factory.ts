import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Judged, judgeOf, strangeness } from './judge.ts';
import type { FactoryOptions } from './options.ts';
import { type Performance, perform } from './perform.ts';
import { type Program, programOf } from './program.ts';

/** What became of a program: its verdict held against the truth, or why nothing can be said. */
export type Outcome =
  | {
      readonly kind: 'judged';
      readonly isRight: boolean;
      readonly judged: Judged;
      readonly performance: Performance;
    }
  | { readonly kind: 'left out'; readonly reason: string };

export interface Run {
  readonly program: Program;
  readonly outcome: Outcome;
}

/** Where programs, verdicts and traces are kept: of those that were judged wrong, or of all. */
interface Kept {
  readonly keep?: string | undefined;
  readonly all?: boolean;
}

/** The programs that the options name. */
export function selected({ seed, count, only }: Pick<FactoryOptions, 'seed' | 'count' | 'only'>): Program[] {
  const programs: Program[] = [];
  for (let at = seed; programs.length < count && at < seed + 1000 * count; at++) {
    const program = programOf(at);
    if (only === undefined || [program.mechanism, program.client].some((name) => name.startsWith(only)))
      programs.push(program);
  }
  return programs;
}

/** Runs the programs, so many at a time, and tells of each; begins none when its time is over. */
export async function factory(
  programs: readonly Program[],
  { jobs, withinMs = Infinity, ...kept }: Kept & { readonly jobs: number; readonly withinMs?: number },
  tell: (run: Run, done: number, all: number) => void = () => {},
): Promise<Run[]> {
  const runs: Run[] = [];
  const waiting = programs.values();
  const untilMs = performance.now() + withinMs;
  async function worker(): Promise<void> {
    for (const program of waiting) {
      if (performance.now() > untilMs) return;
      const run = { program, outcome: await outcomeOf(program, kept) };
      runs.push(run);
      tell(run, runs.length, programs.length);
    }
  }
  await Promise.all(Array.from({ length: jobs }, worker));
  return runs.sort((a, b) => a.program.seed - b.program.seed);
}

/** A run that came out other than it was made is tried once more. */
async function outcomeOf(program: Program, kept: Kept): Promise<Outcome> {
  const first = await attempt(program, kept);
  return first.kind === 'left out' && first.isStrange ? attempt(program, kept) : first;
}

async function attempt(
  program: Program,
  { keep, all }: Kept,
): Promise<Outcome & { readonly isStrange?: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), `abreast-factory-${program.seed}-`));
  try {
    const performance = await perform(program, folder);
    if ('skip' in performance) return { kind: 'left out', reason: performance.skip };
    const strange = strangeness(program, performance.counted, performance.verdict.facts);
    if (strange !== null) return { kind: 'left out', reason: strange, isStrange: true };
    const judged = judgeOf(program, performance.verdict);
    const isRight = Object.values(judged.right).every(Boolean);
    if (keep !== undefined && (all || !isRight)) await keepIn(keep, program, folder);
    return { kind: 'judged', isRight, judged, performance };
  } catch (error) {
    return { kind: 'left out', reason: `failed: ${(error as Error).message}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keepIn(keep: string, { seed }: Program, folder: string): Promise<void> {
  const place = join(keep, String(seed));
  await mkdir(keep, { recursive: true });
  await rm(place, { recursive: true, force: true });
  await cp(folder, place, { recursive: true });
}
