import type { Block } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { ofScene } from '../scene/scene.ts';
import { extent, spansOf, timeAtLevel } from '../spans.ts';
import { calledUs, sleeperOf } from './actors.ts';
import { type Classify, classifierOf } from './classifier.ts';

/** So many threads sleep before their requests: two may do so by chance. */
const LEAST_SLEEPERS = 3;
/** Sleeps that fill so much of the time, and hardly ever overlap, are slept under one lock: chance does not do that. */
const LEAST_FILLED = 0.5;
const MOST_OVERLAP = 0.1;

/** Threads or tasks that sleep in turns before they send: one sleeps, and the others wait until it has. */
export interface Turns {
  readonly sleeps: readonly Block[];
  /** A sleep whose stack was seen. */
  readonly seen: Block | undefined;
  /** How many sleep in turns. */
  readonly sleepers: number;
}

/** Undefined where they sleep side by side, or hardly at all. */
export function turnsOf(evidence: Evidence, classify: Classify): Turns | undefined {
  const carriers = Map.groupBy(evidence.exchange, sleeperOf);
  const sleeps = evidence.block.filter(
    (block) => classify(block).kind === 'sleep' && carriers.has(sleeperOf(block)),
  );
  const sleepers = Map.groupBy(sleeps, sleeperOf);
  if (sleepers.size < LEAST_SLEEPERS) return undefined;
  const own = [...sleepers.values()].flatMap(joined);
  const spans = spansOf(own);
  const { busyUs } = extent(spans);
  const calls = evidence.exchange.map(calledUs).filter((time) => time < Infinity);
  const fromUs = spans.starts[0]!;
  const lastUs = calls.reduce((last, time) => Math.max(last, time), -Infinity);
  if (busyUs < LEAST_FILLED * (lastUs - fromUs)) return undefined;
  if (timeAtLevel(spans, 2)(Infinity) > MOST_OVERLAP * busyUs) return undefined;
  return { sleeps: own, seen: sleeps.find(({ stack }) => stack !== undefined), sleepers: sleepers.size };
}

/** Two recorders may have seen the same sleep: what overlaps is one. */
function joined(sleeps: readonly Block[]): Block[] {
  const all: Block[] = [];
  for (const sleep of sleeps.toSorted((a, b) => a.fromUs - b.fromUs)) {
    const last = all.at(-1);
    if (last === undefined || sleep.fromUs > last.toUs) all.push(sleep);
    else all[all.length - 1] = { ...last, toUs: Math.max(last.toUs, sleep.toUs) };
  }
  return all;
}

/** The turns of a scene's program. */
export const sleepTurns = ofScene(({ evidence }) => turnsOf(evidence, classifierOf(evidence)));
