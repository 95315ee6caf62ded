import type { Block, Exchange } from '../../trace/index.ts';
import { threadsOfOneUnit } from '../held.ts';
import type { Scene } from '../scene/scene.ts';
import { timeIn } from '../spans.ts';
import { type Tell, tellerOf } from './teller.ts';
import type { Stood } from './waiting.ts';

/** What those that had a resource of one did while others waited for it, in microseconds. */
export interface Meanwhile {
  /** How long somebody had it while others waited. */
  readonly heldUs: number;
  /** Of that: with a request under way, its own or another one. */
  readonly requestUs: number;
  readonly sleepUs: number;
  /** In whatever was seen of them: a request, a sleep, CPU, another wait. */
  readonly seenUs: number;
  /** Where they slept longest. */
  readonly sleep: Block | undefined;
}

/** What is given back a little before a request is read, as a part of the time for which it was held. */
const SLACK = 0.1;

/** Somebody had it, from one moment to another. */
interface Hold {
  readonly by: Pick<Exchange, 'pid' | 'thread' | 'unit'>;
  readonly fromUs: number;
  readonly toUs: number;
}

/** What the holders of a lock did, as far as it was seen. */
export function meanwhile(scene: Scene, stood: readonly Stood[]): Meanwhile {
  const tell = tellerOf(scene.evidence);
  const waited = timeIn(stood.map(({ block }) => block));
  const doneBy = doings(scene, tell);
  const sum = { heldUs: 0, requestUs: 0, sleepUs: 0, seenUs: 0 };
  let sleep: Block | undefined;
  for (const { by, fromUs, toUs } of holdsOf(scene, stood)) {
    if (waited(toUs) - waited(fromUs) <= 0) continue;
    sum.heldUs += toUs - fromUs;
    const { requests, sleeps, others } = doneBy(by);
    const during = (spans: readonly Span[]): readonly Span[] =>
      spans.flatMap((span) => {
        const clipped = { fromUs: Math.max(span.fromUs, fromUs), toUs: Math.min(span.toUs, toUs) };
        return clipped.toUs > clipped.fromUs ? [clipped] : [];
      });
    // A request that goes on when the next one has the resource is not what it was kept for.
    const kept = requests.filter((request) => request.toUs <= toUs + SLACK * (toUs - fromUs));
    sum.requestUs += unionUs(during(kept));
    sum.sleepUs += unionUs(during(sleeps));
    sum.seenUs += unionUs(during([...kept, ...sleeps, ...others]));
    for (const block of sleeps)
      if (block.stack !== undefined && lengthUs(block) > (sleep === undefined ? 0 : lengthUs(sleep)))
        sleep = block;
  }
  return { ...sum, sleep };
}

/**
 * As the recorder says. Else who leaves the wait for it has it, until the next one does or its own request has ended,
 * whichever is first.
 */
function holdsOf(scene: Scene, stood: readonly Stood[]): readonly Hold[] {
  const resource = stood.find(({ block }) => block.wait.resource !== undefined)?.block.wait.resource;
  const known = scene.evidence.hold.filter((hold) => resource !== undefined && hold.resource === resource);
  if (known.length > 0)
    return known.map(({ unit, fromUs, toUs }) => ({
      by: unit === undefined ? {} : { unit },
      fromUs,
      toUs: toUs ?? scene.toUs,
    }));
  const grants = [...Map.groupBy(stood, ({ seen }) => seen)]
    .map(([seen, own]) => ({ seen, atUs: lastEnd(own) }))
    .sort((a, b) => a.atUs - b.atUs);
  return grants.flatMap(({ seen, atUs }, index) => {
    const toUs = Math.min(grants[index + 1]?.atUs ?? Infinity, seen.endUs);
    return toUs > atUs ? [{ by: seen.exchange, fromUs: atUs, toUs }] : [];
  });
}

function lastEnd(stood: readonly Stood[]): number {
  return stood.reduce((last, { block }) => Math.max(last, block.toUs), 0);
}

interface Span {
  readonly fromUs: number;
  readonly toUs: number;
}

interface Doings {
  readonly requests: readonly Span[];
  readonly sleeps: readonly Block[];
  readonly others: readonly Block[];
}

/** What was seen of a unit of work, or of a thread that works for one alone. */
function doings(scene: Scene, tell: Tell): (by: Hold['by']) => Doings {
  const exchanges = scene.evidence.exchange;
  const isOfOne = threadsOfOneUnit(exchanges);
  const ofUnit = Map.groupBy(exchanges, ({ unit }) => unit);
  const ofThread = Map.groupBy(exchanges, ({ pid, thread }) => `${pid}:${thread}`);
  return ({ pid, thread, unit }) => {
    const name = `${pid}:${thread}`;
    const own = unit === undefined ? ofThread.get(name) : ofUnit.get(unit);
    const blocks = [
      ...(unit === undefined ? [] : (scene.blocksOfUnit.get(unit) ?? [])),
      ...(unit === undefined || isOfOne(name) ? (scene.blocksOfThread.get(name) ?? []) : []),
    ];
    const told = Map.groupBy(blocks, (block) => tell(block).kind);
    told.delete('lock');
    const sleeps = told.get('sleep') ?? [];
    told.delete('sleep');
    return { requests: (own ?? []).map(spanOf), sleeps, others: [...told.values()].flat() };
  };
}

/** From when it could only wait for its answer, to its end. */
function spanOf({ dispatchedUs, connectedUs, sentUs, readUs, failedUs }: Exchange): Span {
  const fromUs = dispatchedUs ?? connectedUs ?? sentUs ?? Infinity;
  return { fromUs, toUs: readUs ?? failedUs ?? Infinity };
}

function lengthUs({ fromUs, toUs }: Span): number {
  return toUs - fromUs;
}

function unionUs(spans: readonly Span[]): number {
  let sum = 0;
  let until = -Infinity;
  for (const { fromUs, toUs } of spans.toSorted((a, b) => a.fromUs - b.fromUs)) {
    sum += Math.max(0, toUs - Math.max(fromUs, until));
    until = Math.max(until, toUs);
  }
  return sum;
}
