import type { Block, Frame } from '../../trace/index.ts';
import { msOf, type Observation } from '../found.ts';
import { type CodeLine, ownFrame, placesOf } from '../languages/frames.ts';
import { unionUs } from '../spans.ts';
import { threadOf } from '../threads.ts';
import { LEAST_BLAMED } from '../thresholds.ts';
import { type WaitClass, waitOf } from '../waits.ts';
import { type Attributed, explained, holds } from './attribution.ts';
import { ofScene, type Scene } from './scene.ts';

/** Blocks of one kind that held threads up. */
export interface Holding {
  /** The part of the time before sending of all exchanges. */
  readonly explained: number;
  /** The part of the wall time that the blocks took. */
  readonly share: number;
  readonly blocks: readonly Block[];
  /** The call of most of the time. */
  readonly call: string;
  /** Of the block that took most. */
  readonly frames: readonly Frame[];
  /** The program's own line in it. */
  readonly own: Frame | undefined;
  /** The most that waited for it at once. */
  readonly exchanges: number;
  /** The program's line, then what it called. */
  readonly places: readonly CodeLine[];
  readonly seen: Observation;
}

interface AttributedHold extends Attributed {
  readonly kind: WaitClass;
}

const held = ofScene((scene): readonly AttributedHold[] =>
  holds(scene).map((one) => ({ ...one, kind: waitOf(one.block, scene.framesOf(one.block.stack)).kind })),
);

/** What a thread does on its own, or what the machine does to it; all else is a call that waits for somebody. */
const OWN: ReadonlySet<WaitClass> = new Set(['sleep', 'child', 'tls-context', 'cpu', 'run-queue', 'name']);

/** The blocks of one kind, where they explain at least a fifth of the time before sending; undefined otherwise. */
export function holdingBy(
  scene: Scene,
  kind: 'sleep' | 'child' | 'tls-context' | 'cpu' | 'name',
): Holding | undefined {
  return holdingOf(
    scene,
    held(scene).filter((one) => one.kind === kind),
  );
}

/** The calls that waited for somebody else, where they explain as much. */
export function holdingByCalls(scene: Scene): Holding | undefined {
  return holdingOf(
    scene,
    held(scene).filter((one) => !OWN.has(one.kind)),
  );
}

function holdingOf(scene: Scene, found: readonly AttributedHold[]): Holding | undefined {
  if (found.length === 0) return undefined;
  const part = explained(found, scene.sample);
  if (part < LEAST_BLAMED) return undefined;
  const byBlock = Map.groupBy(found, ({ block }) => block);
  const blocks = [...byBlock.keys()];
  const longest = heaviestStack(blocks);
  const frames = scene.framesOf(longest.stack);
  const exchanges = Math.max(
    ...[...byBlock.values()].map((own) => new Set(own.map(({ seen }) => seen)).size),
  );
  const us = unionUs(blocks, scene);
  return {
    explained: part,
    share: us / (scene.toUs - scene.fromUs),
    blocks,
    call: longest.wait.call,
    frames,
    own: ownFrame(frames),
    exchanges,
    places: placesOf(ownFrame(frames), ...frames.slice(0, MOST_PLACES)),
    seen: {
      kind: 'blocks',
      blocks: countOf(blocks),
      threads: [...new Set(blocks.flatMap(({ thread }) => thread ?? []))],
      call: longest.wait.call,
      ...(longest.wait.descriptors !== undefined && { descriptors: longest.wait.descriptors }),
      ms: msOf(us),
      unsent: exchanges,
    },
  };
}

/** What the program's line called, leaf first: more is the stack. */
const MOST_PLACES = 3;

function heaviestStack(blocks: readonly Block[]): Block {
  const groups = [...Map.groupBy(blocks, ({ stack }) => stack).values()];
  const us = (own: readonly Block[]): number => own.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const known = groups.filter(([first]) => first!.stack !== undefined);
  const most = (known.length > 0 ? known : groups).reduce((sofar, own) =>
    us(own) > us(sofar) ? own : sofar,
  );
  // In one place a thread may wait in several calls: the one of most time is meant.
  const calls = [...Map.groupBy(most, ({ wait }) => wait.call).values()];
  return calls.reduce((sofar, own) => (us(own) > us(sofar) ? own : sofar))[0]!;
}

/** How many waits these are: two recorders may have seen the same one. */
export function countOf(blocks: readonly Block[]): number {
  const threads = Map.groupBy(blocks, threadOf);
  let count = 0;
  for (const own of threads.values()) {
    let until = -Infinity;
    for (const { fromUs, toUs } of own.toSorted((a, b) => a.fromUs - b.fromUs)) {
      if (fromUs >= until) count++;
      until = Math.max(until, toUs);
    }
  }
  return count;
}
