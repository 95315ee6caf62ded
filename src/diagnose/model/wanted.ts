import { type Block, countWhile, type Exchange } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { sinceLast, timeIn } from '../spans.ts';
import { gapsBetween, mean, variation } from '../statistics.ts';
import { endUs } from '../steps.ts';
import { threadOf, workerThreads } from '../threads.ts';
import { AT_ONCE, HANDOVER_US, NEARLY_ALL } from '../thresholds.ts';
import { isHolding, type WaitClass } from '../waits.ts';
import { type Actors, actorsOf, calledUs, sleeperOf } from './actors.ts';
import { type Classify, classifierOf } from './classifier.ts';
import { producersOf } from './producers.ts';
import { steadilyHeldBack } from './steady.ts';
import { turnsOf } from './turns.ts';

/** So many have to have waited: a single one may have waited for whatever a program does once. */
const HABIT = 0.2;

/** Waits of a unit that wants its request already. A unit that takes from a queue waits for work, and wants nothing yet. */
const FOR_LIMITS: ReadonlySet<WaitClass> = new Set([
  'lock',
  'semaphore',
  'rate',
  'executor',
  'connection-pool',
  'own-gate',
  'gate',
  'streams',
]);

/** How long somebody had waited between two moments. */
type Waited = (actor: string, exchange: Exchange, fromUs: number, toUs: number) => number;

/**
 * Sets `wantedUs` of exchanges that were wanted before their library was called: an exchange is wanted when it is
 * called, minus the time for which its unit of work waited since it was made or had its last answer, or for which the
 * its producer waited to put it into a queue.
 */
export function settleWanted(evidence: Evidence): void {
  const classify = classifierOf(evidence);
  const actors = actorsOf(evidence);
  const waits = [
    limitWaits(evidence, actors, classify),
    turnWaits(evidence, classify),
    putWaits(evidence, actors, classify),
    followingEnds(evidence, actors),
    steadyWaits(evidence),
    loopWaits(evidence, actors),
  ];
  const wanted = new Map<Exchange, number>();
  for (const [actor, { exchanges, madeUs }] of actors.all) {
    let freeUs = madeUs ?? -Infinity;
    for (const exchange of exchanges) {
      const called = calledUs(exchange);
      const us = Math.max(...waits.map((waited) => waited(actor, exchange, freeUs, called)));
      if (us > HANDOVER_US && isFirst(exchange)) wanted.set(exchange, Math.round(called - us));
      const doneUs = endUs(exchange);
      if (doneUs < Infinity) freeUs = Math.max(freeUs, doneUs);
    }
  }
  if (wanted.size < HABIT * evidence.exchange.length) return;
  evidence.exchange.forEach((exchange, at) => {
    const us = wanted.get(exchange);
    if (us !== undefined && us < (exchange.wantedUs ?? Infinity))
      evidence.exchange[at] = { ...exchange, wantedUs: us };
  });
}

/** A retry is wanted when it may be sent, and what follows an answer when that was read. */
function isFirst({ because = 'first' }: Exchange): boolean {
  return because === 'first';
}

/** Its own waits, for a lock or a permit. */
function limitWaits({ block: blocks }: Evidence, actors: Actors, classify: Classify): Waited {
  const own = Map.groupBy(
    blocks.filter((block) => FOR_LIMITS.has(classify(block).kind)),
    actors.ofBlock,
  );
  const waitedBefore = new Map(
    [...own].flatMap(([actor, of]) => (isClock(of, own, classify) ? [] : [[actor, timeIn(of)] as const])),
  );
  return (actor, _, fromUs, toUs) => {
    const waited = waitedBefore.get(actor);
    return waited === undefined ? 0 : waited(toUs) - waited(fromUs);
  };
}

/** Fewer waits may be even by chance. */
const LEAST_TICKS = 4;
/** The coefficient of variation of waits for a clock. */
const MOST_UNEVEN = 0.1;

/** Whether waits are sleeps: `event.wait(0.5)`, where no other actor waits, for the same time again and again. */
function isClock(
  waits: readonly Block[],
  all: ReadonlyMap<string, readonly Block[]>,
  classify: Classify,
): boolean {
  if (waits.length < LEAST_TICKS || waits.some((block) => classify(block).kind !== 'own-gate')) return false;
  if (variation(waits.map(({ fromUs, toUs }) => toUs - fromUs)) > MOST_UNEVEN) return false;
  const stacks = new Set(waits.map(({ stack }) => stack));
  return [...all.values()].every((other) => other === waits || !other.some(({ stack }) => stacks.has(stack)));
}

/** Its wait for its turn to sleep, and the sleep. */
function turnWaits(evidence: Evidence, classify: Classify): Waited {
  const turns = turnsOf(evidence, classify);
  if (turns === undefined) return () => 0;
  const own = Map.groupBy(turns.sleeps, sleeperOf);
  const firstUs = turns.sleeps.reduce((first, { fromUs }) => Math.min(first, fromUs), Infinity);
  return (_, exchange, fromUs, toUs) => {
    const sleeps = own.get(sleeperOf(exchange)) ?? [];
    const before = sleeps[countWhile(sleeps, (sleep) => sleep.fromUs < toUs) - 1];
    return before === undefined || before.toUs < fromUs ? 0 : toUs - Math.max(fromUs, firstUs);
  };
}

/** The wait of its producers for room in their queue. */
function putWaits(evidence: Evidence, actors: Actors, classify: Classify): Waited {
  const producers = producersOf(evidence, actors, classify);
  const waited = timeIn(producers.flatMap(({ waits }) => waits));
  const names = new Set(producers.map(({ actor }) => actor));
  return (actor, _, __, toUs) => (names.has(actor) ? 0 : waited(toUs));
}

/** One that is called so soon after the end of another was waiting for that: on a busy machine it takes longer. */
const AT_ONCE_US = 10_000;
const LEAST_FOLLOWING = 4;

/**
 * Its wait from when it was made, where nobody sees waits, as those of promises, or what they are for, as of a queue that
 * holds clients: units that were made early, each of which calls just when another's request has ended.
 */
function followingEnds({ exchange: exchanges }: Evidence, actors: Actors): Waited {
  const ends = Float64Array.from(exchanges, endUs).sort();
  const late = [...actors.all.values()].flatMap(({ exchanges: [first], madeUs }) => {
    const called = calledUs(first!);
    const lagUs = sinceLast(ends, called);
    const isLate = madeUs !== undefined && called - madeUs > AT_ONCE_US;
    // One of the first to go follows none.
    return isLate && lagUs < called - madeUs ? [{ first: first!, called, lagUs }] : [];
  });
  const gapUs = mean(gapsBetween(late.map(({ called }) => called)));
  const following = late.filter(({ lagUs }) => lagUs <= Math.max(AT_ONCE_US, AT_ONCE * gapUs));
  if (following.length < Math.max(LEAST_FOLLOWING, NEARLY_ALL * late.length)) return () => 0;
  const waited = new Set(late.map(({ first }) => first));
  return (_, exchange, fromUs, toUs) => (waited.has(exchange) ? toUs - fromUs : 0);
}

/** Its wait for its turn among requests that go few at a time, where no other wait was seen. */
function steadyWaits(evidence: Evidence): Waited {
  const held = steadilyHeldBack(evidence);
  return (_, exchange, __, toUs) => toUs - (held.get(exchange) ?? toUs);
}

/** Its wait for the thread of its loop, which waited for the connection of another. */
function loopWaits(evidence: Evidence, actors: Actors): Waited {
  const isWorker = workerThreads(evidence);
  const carried = Map.groupBy(evidence.exchange, ({ connection }) => connection ?? NONE);
  const holding = evidence.block.filter(
    (block) =>
      block.thread !== undefined &&
      block.wait.connections?.length === 1 &&
      isHolding(block) &&
      !isWorker(threadOf(block)),
  );
  const waiterOf = (block: Block): string | undefined => {
    const exchange = carried
      .get(block.wait.connections![0]!)
      ?.findLast(({ sentUs }) => typeof sentUs === 'number' && sentUs <= block.toUs);
    return exchange && actors.nameOf(exchange);
  };
  const ofThread = new Map([...Map.groupBy(holding, threadOf)].map(([thread, all]) => [thread, timeIn(all)]));
  const ofActor = new Map([...Map.groupBy(holding, waiterOf)].map(([actor, own]) => [actor, timeIn(own)]));
  return (actor, exchange, fromUs, toUs) => {
    const held = ofThread.get(threadOf(exchange));
    if (held === undefined || fromUs === -Infinity) return 0;
    const own = ofActor.get(actor);
    return held(toUs) - held(fromUs) - (own === undefined ? 0 : own(toUs) - own(fromUs));
  };
}

const NONE = -1;
