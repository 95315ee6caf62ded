import type { Block, Exchange } from '../../trace/index.ts';
import type { Scene } from '../scene/scene.ts';
import { type Span, timeIn, unionUs } from '../spans.ts';
import { endUs } from '../steps.ts';
import { threadOf, workerThreads } from '../threads.ts';
import { type Classify, classifierOf } from './classifier.ts';
import type { WaitBefore } from './waiting.ts';

/** What those that had a resource of one did most of the time, while others waited for it. */
export interface Meanwhile {
  /** A request, its own or another one; a sleep; another wait, or CPU. `unseen`: nothing that anybody saw. */
  readonly did: 'request' | 'sleep' | 'other' | 'unseen';
  /** Where they slept longest. */
  readonly sleep: Block | undefined;
}

/** So much of the time has to be seen: a recorder that samples sees little of short holds. */
const LEAST_SEEN = 0.3;

/** What is given back a little before a request is read, as a part of the time for which it was held. */
const SLACK = 0.1;

/** Somebody had it, from one moment to another. */
interface Hold {
  readonly by: Pick<Exchange, 'pid' | 'thread' | 'unit'>;
  readonly fromUs: number;
  readonly toUs: number;
}

/** What the holders of a lock did, as far as it was seen. */
export function meanwhile(scene: Scene, waits: readonly WaitBefore[]): Meanwhile {
  const waited = timeIn(waits.map(({ block }) => block));
  const holds = holdsOf(scene, waits).filter(({ fromUs, toUs }) => waited(toUs) > waited(fromUs));
  const doneBy = doings(scene, classifierOf(scene.evidence));
  const sum = { held: 0, request: 0, sleep: 0, seen: 0 };
  const slept: Block[] = [];
  for (const hold of holds) {
    const { requests, sleeps, others } = doneBy(hold.by);
    const heldUs = lengthUs(hold);
    // A request that goes on when the next one has the resource is not what it was kept for.
    const kept = requests.filter((request) => request.toUs <= hold.toUs + SLACK * heldUs);
    sum.held += heldUs;
    sum.request += unionUs(during(hold, kept));
    sum.sleep += unionUs(during(hold, sleeps));
    sum.seen += unionUs(during(hold, [...kept, ...sleeps, ...others]));
    slept.push(...sleeps);
  }
  return { did: mostly(sum), sleep: longest(slept.filter(({ stack }) => stack !== undefined)) };
}

function mostly(us: Readonly<Record<'held' | 'request' | 'sleep' | 'seen', number>>): Meanwhile['did'] {
  if (us.seen < LEAST_SEEN * us.held || us.held === 0) return 'unseen';
  const other = us.seen - us.request - us.sleep;
  if (us.request >= us.sleep) return us.request >= other ? 'request' : 'other';
  return us.sleep >= other ? 'sleep' : 'other';
}

function during({ fromUs, toUs }: Span, spans: readonly Span[]): readonly Span[] {
  return spans
    .filter((span) => span.fromUs < toUs && span.toUs > fromUs)
    .map((span) => ({ fromUs: Math.max(span.fromUs, fromUs), toUs: Math.min(span.toUs, toUs) }));
}

function longest(blocks: readonly Block[]): Block | undefined {
  return blocks.reduce<Block | undefined>(
    (most, block) => (most === undefined || lengthUs(block) > lengthUs(most) ? block : most),
    undefined,
  );
}

/**
 * As the recorder says. Else the exchange whose wait ends holds it, until the next wait ends or its own request has
 * ended, whichever is first.
 */
function holdsOf(scene: Scene, waits: readonly WaitBefore[]): readonly Hold[] {
  const resource = waits.find(({ block }) => block.wait.resource !== undefined)?.block.wait.resource;
  const known = scene.evidence.hold.filter((hold) => resource !== undefined && hold.resource === resource);
  if (known.length > 0)
    return known.map(({ unit, fromUs, toUs }) => ({
      by: unit === undefined ? {} : { unit },
      fromUs,
      toUs: toUs ?? scene.toUs,
    }));
  const grants = [...Map.groupBy(waits, ({ seen }) => seen)]
    .map(([seen, own]) => ({ seen, atUs: lastEnd(own) }))
    .sort((a, b) => a.atUs - b.atUs);
  return grants.flatMap(({ seen, atUs }, index) => {
    const toUs = Math.min(grants[index + 1]?.atUs ?? Infinity, seen.endUs);
    return toUs > atUs ? [{ by: seen.exchange, fromUs: atUs, toUs }] : [];
  });
}

function lastEnd(waits: readonly WaitBefore[]): number {
  return waits.reduce((last, { block }) => Math.max(last, block.toUs), 0);
}

interface Doings {
  readonly requests: readonly Span[];
  readonly sleeps: readonly Block[];
  readonly others: readonly Block[];
}

/** What was seen of a unit of work, or of a thread that works for one alone. */
function doings(scene: Scene, classify: Classify): (by: Hold['by']) => Doings {
  const exchanges = scene.evidence.exchange;
  const isWorker = workerThreads(scene.evidence);
  const ofUnit = Map.groupBy(exchanges, ({ unit }) => unit);
  const ofThread = Map.groupBy(exchanges, threadOf);
  return (by) => {
    const { unit } = by;
    const name = threadOf(by);
    const own = unit === undefined ? ofThread.get(name) : ofUnit.get(unit);
    const blocks = [
      ...(unit === undefined ? [] : (scene.blocksOfUnit.get(unit) ?? [])),
      ...(unit === undefined || isWorker(name) ? (scene.blocksOfThread.get(name) ?? []) : []),
    ];
    const byKind = Map.groupBy(blocks, (block) => classify(block).kind);
    byKind.delete('lock');
    const sleeps = byKind.get('sleep') ?? [];
    byKind.delete('sleep');
    return { requests: (own ?? []).map(spanOf), sleeps, others: [...byKind.values()].flat() };
  };
}

/** From when it could only wait for its answer, to its end. */
function spanOf(exchange: Exchange): Span {
  const { dispatchedUs, connectedUs, sentUs } = exchange;
  const fromUs = dispatchedUs ?? connectedUs ?? sentUs ?? Infinity;
  return { fromUs, toUs: endUs(exchange) };
}

function lengthUs({ fromUs, toUs }: Span): number {
  return toUs - fromUs;
}
