import type { Block, Environment, Frame, Patch } from '../../trace/index.ts';
import { calledOf, ownFrame, placeOf } from '../languages/frames.ts';
import { type ToldKind, waitOf } from '../waits.ts';
import { type Attributed, explained, holds } from './attribution.ts';
import { ofScene, overlapUs, type Scene } from './scene.ts';
import { seconds } from './waiting.ts';

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
  readonly evidence: readonly string[];
}

interface Held extends Attributed {
  readonly kind: ToldKind;
}

const held = ofScene((scene): readonly Held[] =>
  holds(scene).map((one) => ({ ...one, kind: waitOf(one.block, scene.framesOf(one.block.stack)).kind })),
);

/** What a thread does on its own; all else is a call that waits for somebody. */
const OWN: ReadonlySet<ToldKind> = new Set(['sleep', 'child', 'tls-context', 'cpu', 'name']);

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

function holdingOf(scene: Scene, found: readonly Held[]): Holding | undefined {
  if (found.length === 0) return undefined;
  const part = explained(found, scene.sample);
  if (part < 0.2) return undefined;
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
    evidence: [
      `${countOf(blocks)} ${countOf(blocks) === 1 ? 'block' : 'blocks'} of ${threadText(blocks)}: ${waitText(longest)}, ${seconds(us)}, up to ${exchanges} requests unsent`,
      ...frames.slice(0, 3).map((frame) => `${placeOf(frame)} ${calledOf(frame)}`),
      ...ownEvidence(frames),
    ],
  };
}

function ownEvidence(frames: readonly Frame[]): string[] {
  const own = ownFrame(frames);
  return own === undefined || frames.indexOf(own) < 3 ? [] : [`called at ${own.file}:${own.line}`];
}

function threadText(blocks: readonly Block[]): string {
  const threads = new Set(blocks.map(({ thread }) => thread));
  return threads.size === 1 ? `thread ${blocks[0]!.thread}` : `${threads.size} threads`;
}

function waitText({ wait: { call, descriptors } }: Block): string {
  return descriptors === undefined
    ? call
    : `${call} on ${descriptors} descriptor${descriptors === 1 ? '' : 's'}`;
}

function heaviestStack(blocks: readonly Block[]): Block {
  const groups = [...Map.groupBy(blocks, ({ stack }) => stack).values()];
  const us = (own: readonly Block[]): number => own.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const known = groups.filter(([first]) => first!.stack !== undefined);
  const most = (known.length > 0 ? known : groups).reduce((sofar, own) =>
    us(own) > us(sofar) ? own : sofar,
  );
  // In one place a thread may stand in several calls: the one of most time is what it is about.
  const calls = [...Map.groupBy(most, ({ wait }) => wait.call).values()];
  return calls.reduce((sofar, own) => (us(own) > us(sofar) ? own : sofar))[0]!;
}

/** How many waits these are: two recorders may have seen the same one. */
export function countOf(blocks: readonly Block[]): number {
  const threads = Map.groupBy(blocks, ({ pid, thread }) => `${pid}:${thread}`);
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

/** The time that blocks cover together. */
export function unionUs(blocks: readonly Block[], { fromUs, toUs }: Scene): number {
  let sum = 0;
  let until = fromUs;
  for (const block of blocks.toSorted((a, b) => a.fromUs - b.fromUs)) {
    sum += overlapUs(Math.max(block.fromUs, until), block.toUs, fromUs, toUs);
    until = Math.max(until, block.toUs);
  }
  return sum;
}

/** Who switches between greenlets in this program: gevent or eventlet, by its patches or by its frames. */
export function greenletsOf(
  { environments }: Scene,
  frames: readonly Frame[],
): 'gevent' | 'eventlet' | undefined {
  for (const name of ['gevent', 'eventlet'] as const) {
    if (frames.some(({ file }) => file.includes(`/${name}/`))) return name;
    if (environments.some((environment) => (environment.patches ?? []).some(({ by }) => by === name)))
      return name;
    if (environments.some(({ modules }: Environment) => modules?.some((module) => module.name === name)))
      return name;
  }
  return undefined;
}

const GREEN: ReadonlySet<string> = new Set(['gevent', 'eventlet']);

/** The patches of gevent and eventlet, and what others put in the place of something else. */
export function patchesOf({ environments }: Scene): {
  patches: readonly Patch[];
  overrides: readonly Patch[];
} {
  const all = environments.flatMap(({ patches }) => patches ?? []);
  return {
    patches: all.filter(({ by }) => GREEN.has(by)),
    overrides: all.filter(({ by }) => !GREEN.has(by)),
  };
}
