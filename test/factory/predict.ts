import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strangeness } from './judge.ts';
import { type Performance, perform } from './perform.ts';
import { type Program, twinOf } from './program.ts';

/** Delays are this many times as long as in the programs of the seed, so that the start of threads is not what is measured. */
const LONGER = 3;

/** The possible time in the verdict of a slow program, and the time that its twin took; or why nothing can be compared. */
export type Prediction =
  | { readonly program: Program; readonly possibleMs: number; readonly tookMs: number }
  | { readonly program: Program; readonly reason: string };

/** Runs the programs that have a twin, and the twins, one after the other. */
export async function predict(
  programs: readonly Program[],
  tell: (prediction: Prediction, done: number, all: number) => void = () => {},
): Promise<Prediction[]> {
  const pairs = programs.flatMap((program) => {
    const longer = { ...program, delaysMs: program.delaysMs.map((ms) => LONGER * ms) };
    const twin = twinOf(longer);
    return twin === null ? [] : [{ program: longer, twin }];
  });
  const predictions: Prediction[] = [];
  for (const { program, twin } of pairs) {
    const prediction = await compare(program, twin);
    predictions.push(prediction);
    tell(prediction, predictions.length, pairs.length);
  }
  return predictions;
}

async function compare(program: Program, twin: Program): Promise<Prediction> {
  const slow = await once(program);
  if ('reason' in slow) return { program, reason: slow.reason };
  const { possibleWallMs } = slow.verdict;
  if (possibleWallMs === null) return { program, reason: `no possible time: ${slow.verdict.overlap}` };
  const fast = await once(twin);
  if ('reason' in fast) return { program, reason: `the twin: ${fast.reason}` };
  return { program, possibleMs: possibleWallMs, tookMs: fast.verdict.wallMs };
}

async function once(program: Program): Promise<Performance | { readonly reason: string }> {
  const folder = await mkdtemp(join(tmpdir(), `abreast-factory-${program.seed}-`));
  try {
    const performance = await perform(program, folder);
    if ('skip' in performance) return { reason: performance.skip };
    const strange = strangeness(program, performance.counted, performance.verdict.facts);
    return strange === null ? performance : { reason: strange };
  } catch (error) {
    return { reason: `failed: ${(error as Error).message}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How far a prediction is from what came, as a factor of 1 or more. */
export function errorOf({ possibleMs, tookMs }: { possibleMs: number; tookMs: number }): number {
  return Math.max(possibleMs / tookMs, tookMs / possibleMs);
}
