import { type Evidence, isHolding, threadOf, waitOf } from '../../diagnose/browser.ts';
import { type Block, countWhile, type Frame, type UnitType } from '../../trace/browser.ts';

/** What a thread did in a block. */
export const BLOCK_CLASSES = ['one', 'many', 'cpu', 'lock', 'sleep', 'other'] as const;
export type BlockClass = (typeof BLOCK_CLASSES)[number];

/** What each is, for people. */
export const BLOCK_WORDS: Readonly<Record<BlockClass, string>> = {
  one: 'waits for one descriptor',
  many: 'waits for many at once, or gave way',
  cpu: 'computes',
  lock: 'waits for a lock or a limit',
  sleep: 'sleeps',
  other: 'a name, a child, a file, a database',
};

/** A thread or a loop, or a unit of work that waited without one, with its blocks in order of time. */
export interface Lane {
  /** 'thread 71 of python fetch.py', 'task 12'. */
  readonly title: string;
  readonly kind: 'loop' | 'thread' | 'unit';
  readonly blocks: readonly Block[];
  /** Places in BLOCK_CLASSES. */
  readonly classes: Uint8Array;
  /** How long it was in blocks of each class, in the order of BLOCK_CLASSES, in microseconds. */
  readonly sumsUs: readonly number[];
}

/** Tells what a block is, by its record and the frames that it was in. */
export function classOf(block: Block, frames: readonly Frame[]): BlockClass {
  if (block.wait.descriptors === 0) return 'sleep'; // a select or poll of nothing
  const { kind } = waitOf(block, frames);
  const found = CLASS_OF_WAIT[kind];
  if (found !== undefined) return found;
  return isHolding(block) ? 'one' : 'many';
}

const CLASS_OF_WAIT: Readonly<Partial<Record<ReturnType<typeof waitOf>['kind'], BlockClass>>> = {
  cpu: 'cpu',
  'tls-context': 'cpu',
  'run-queue': 'other',
  lock: 'lock',
  semaphore: 'lock',
  queue: 'lock',
  executor: 'lock',
  'connection-pool': 'lock',
  rate: 'lock',
  streams: 'lock',
  'own-gate': 'lock',
  gate: 'lock',
  join: 'lock',
  sleep: 'sleep',
  child: 'other',
  file: 'other',
  database: 'other',
  name: 'other',
};

/** More lanes tell no more: those that waited longest are shown. */
const MOST_LANES = 200;

export interface Lanes {
  readonly lanes: readonly Lane[];
  /** Beyond those that are shown. */
  readonly left: number;
}

/** The lanes of a run: threads that made requests, the other threads, then units of work, each as they began. */
export function lanesOf(evidence: Evidence): Lanes {
  const frames = new Map(evidence.stack.map((stack) => [stack.id, stack.frames]));
  const commands = new Map(evidence.process.map(({ pid, argv = [] }) => [pid, argv]));
  const types = new Map(evidence.unit.map(({ id, type }) => [id, type]));
  const isOne = new Set(evidence.block.map(({ pid }) => pid)).size === 1;
  const keyOf = (block: Block): string =>
    block.thread === undefined ? `unit ${block.unit}` : threadOf(block);
  const all = [...Map.groupBy(evidence.block, keyOf).values()].map((own) =>
    laneOf(own, (stack) => frames.get(stack ?? -1) ?? [], isOne ? new Map() : commands, types),
  );
  const busyUs = ({ sumsUs }: Lane): number => sumsUs.reduce((sum, us) => sum + us, 0);
  const shown = new Set(all.toSorted((a, b) => busyUs(b) - busyUs(a)).slice(0, MOST_LANES));
  const asking = new Set(evidence.exchange.map(threadOf));
  const rankOf = ({ kind, blocks: [first] }: Lane): number =>
    kind === 'unit' ? 2 : asking.has(threadOf(first!)) ? 0 : 1;
  const lanes = all
    .filter((lane) => shown.has(lane))
    .sort((a, b) => rankOf(a) - rankOf(b) || a.blocks[0]!.fromUs - b.blocks[0]!.fromUs);
  return { lanes, left: all.length - lanes.length };
}

function laneOf(
  own: readonly Block[],
  framesOf: (stack: number | undefined) => readonly Frame[],
  commands: ReadonlyMap<number, readonly string[]>,
  types: ReadonlyMap<number, UnitType>,
): Lane {
  const blocks = own.toSorted((a, b) => a.fromUs - b.fromUs || b.toUs - a.toUs);
  const classes = Uint8Array.from(blocks, (block) =>
    BLOCK_CLASSES.indexOf(classOf(block, framesOf(block.stack))),
  );
  const sumsUs = BLOCK_CLASSES.map(() => 0);
  blocks.forEach(({ fromUs, toUs }, at) => {
    sumsUs[classes[at]!]! += toUs - fromUs;
  });
  const [first] = blocks;
  const isLoop = classes.includes(BLOCK_CLASSES.indexOf('many'));
  const kind = first!.thread === undefined ? 'unit' : isLoop ? 'loop' : 'thread';
  return { title: titleOf(first!, kind, commands, types), kind, blocks, classes, sumsUs };
}

function titleOf(
  { pid, thread, unit }: Block,
  kind: Lane['kind'],
  commands: ReadonlyMap<number, readonly string[]>,
  types: ReadonlyMap<number, UnitType>,
): string {
  if (kind === 'unit') return `${types.get(unit ?? -1) ?? 'unit'} ${unit}`;
  const [program, ...rest] = commands.get(pid) ?? [];
  const script = rest.find((word) => !word.startsWith('-'));
  const name = [program, script].flatMap((word) => word?.split(/[/\\]/).at(-1) ?? []).join(' ');
  return `${kind} ${thread}${name === '' ? '' : ` of ${name}`}`;
}

/** The blocks of a lane at a moment, the one that began last first: that is the innermost. */
export function blocksAt({ blocks }: Lane, us: number): readonly Block[] {
  const begun = countWhile(blocks, ({ fromUs }) => fromUs <= us);
  const found: Block[] = [];
  for (let at = begun - 1; at >= 0 && at >= begun - MOST_NESTED; at--)
    if (blocks[at]!.toUs > us) found.push(blocks[at]!);
  return found;
}

/** So many blocks before a moment are looked at. */
const MOST_NESTED = 50;
