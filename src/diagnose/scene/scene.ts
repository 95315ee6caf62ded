import type { Block, Connection, Environment, Exchange, Frame, Limit, Unit } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import type { Judgement } from '../judgement.ts';
import { membersOf, type Part } from '../part.ts';
import { type Step, type Times, timesOf, type Waits, waitsOf } from '../steps.ts';
import { threadOf } from '../threads.ts';

/** More exchanges than these tell no more, and each is held against every block of its thread. */
export const MOST_COMPARED = 500;
const LEAST_COMPARED = 20;
const MOST_PAIRS = 1_000_000;

/** An exchange with its times. */
export interface Seen {
  readonly exchange: Exchange;
  readonly times: Times;
  readonly waits: Waits;
  /** When it was read or given up, or the run ended. */
  readonly endUs: number;
}

/** What a cause looks at: the exchanges that were judged, and all that was seen beside them. */
export interface Scene {
  readonly judgement: Judgement;
  readonly evidence: Evidence;
  /** In the order in which they were wanted. */
  readonly exchanges: readonly Seen[];
  /** Some of them, spread over all the time, to be held against the blocks one by one. */
  readonly sample: readonly Seen[];
  readonly fromUs: number;
  readonly toUs: number;
  /** Blocks that overlap with the time of the exchanges, in the order of their beginning. */
  readonly blocks: readonly Block[];
  /** By 'pid:thread'. */
  readonly blocksOfThread: ReadonlyMap<string, readonly Block[]>;
  /** By the unit's id. */
  readonly blocksOfUnit: ReadonlyMap<number, readonly Block[]>;
  readonly connections: ReadonlyMap<number, Connection>;
  /** By id. */
  readonly units: ReadonlyMap<number, Unit>;
  /** The last of each process: it is written again as more is known. */
  readonly environments: readonly Environment[];
  readonly limits: readonly Limit[];
  /** Leaf first; none where nobody saw them. */
  framesOf(stack: number | undefined): readonly Frame[];
  /** The part of the wall time that was lost, 0 to 1. */
  readonly lostShare: number;
  /** The part of the wall time that was lost before requests were sent. */
  readonly lostUnsentShare: number;
}

/** Lays out what is known of the exchanges that were judged. */
export function sceneOf(judgement: Judgement, evidence: Evidence, part: Part): Scene {
  const stacks = new Map(evidence.stack.map((stack) => [stack.id, stack]));
  const isMember = membersOf(part, stacks.values());
  const timed = evidence.exchange.flatMap((exchange) => {
    const times = timesOf(exchange);
    return times === undefined || !isMember(exchange) ? [] : [{ exchange, times }];
  });
  const fromUs = timed.reduce((first, { times }) => Math.min(first, times.wanted), Infinity);
  const lastUs = timed.reduce((last, { times }) => Math.max(last, latest(times)), -Infinity);
  // What is open at the end of the run was delayed until then.
  const isOpen = timed.some(({ times }) => times.end === Infinity);
  const toUs = isOpen ? Math.max(lastUs, fromUs + judgement.wallUs) : lastUs;
  const exchanges = timed
    .map(({ exchange, times }) => seenOf(exchange, times, toUs))
    .sort((a, b) => a.times.wanted - b.times.wanted || a.exchange.id - b.exchange.id);
  const blocks = evidence.block
    .filter((block) => block.fromUs < toUs && block.toUs > fromUs)
    .sort((a, b) => a.fromUs - b.fromUs);
  const environments = lastOfProcesses(evidence.environment);
  return {
    judgement,
    evidence,
    exchanges,
    sample: spread(exchanges, compared(blocks.length)),
    fromUs,
    toUs,
    blocks,
    blocksOfThread: Map.groupBy(
      blocks.filter(({ thread }) => thread !== undefined),
      threadOf,
    ),
    blocksOfUnit: Map.groupBy(
      blocks.filter(({ unit }) => unit !== undefined),
      ({ unit }) => unit!,
    ),
    connections: new Map(evidence.connection.map((connection) => [connection.id, connection])),
    units: new Map(evidence.unit.map((unit) => [unit.id, unit])),
    environments,
    limits: environments.flatMap(({ limits }) => limits ?? []),
    framesOf: (id) => (id === undefined ? [] : (stacks.get(id)?.frames ?? [])),
    lostShare: lostShareOf(judgement),
    lostUnsentShare: lostShareOf(judgement) * unsentPart(judgement, exchanges),
  };
}

/** Where answers came late or were read late, little was lost before. */
function unsentPart({ step }: Judgement, exchanges: readonly Seen[]): number {
  if (step !== 'answered' && step !== 'read') return 1;
  const all = exchanges.reduce((sum, { times, endUs }) => sum + endUs - times.wanted, 0);
  return all === 0 ? 0 : unsentUs(exchanges) / all;
}

function latest({ wanted, dispatched, connected, sent, answered, end }: Times): number {
  return Math.max(...[wanted, dispatched, connected, sent, answered, end].filter((time) => time < Infinity));
}

function seenOf(exchange: Exchange, times: Times, toUs: number): Seen {
  return { exchange, times, waits: waitsOf(times, toUs), endUs: Math.min(times.end, toUs) };
}

function compared(blocks: number): number {
  return Math.max(LEAST_COMPARED, Math.min(MOST_COMPARED, Math.floor(MOST_PAIRS / Math.max(1, blocks))));
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)]!);
}

function lastOfProcesses(environments: readonly Environment[]): Environment[] {
  return [...new Map(environments.map((environment) => [environment.pid, environment])).values()];
}

function lostShareOf({ wallUs, possibleWallUs }: Judgement): number {
  return possibleWallUs === null || wallUs === 0 ? 0 : Math.max(0, 1 - possibleWallUs / wallUs);
}

/** How long exchanges waited for the given steps, added up, in microseconds. */
export function waited(exchanges: readonly Seen[], ...steps: readonly Exclude<Step, 'wanted'>[]): number {
  return exchanges.reduce((sum, { waits }) => sum + steps.reduce((own, step) => own + waits[step], 0), 0);
}

/** The time that an exchange was not on the wire yet: from wanted to sent. */
export function unsentUs(exchanges: readonly Seen[]): number {
  return waited(exchanges, 'dispatched', 'connected', 'sent');
}

/** What is worked out of a scene, once. */
export function ofScene<T>(work: (scene: Scene) => T): (scene: Scene) => T {
  const known = new WeakMap<Scene, { readonly result: T }>();
  return (scene) => {
    const kept = known.get(scene) ?? { result: work(scene) };
    known.set(scene, kept);
    return kept.result;
  };
}
