import { type Block, countWhile, type Frame, type Process } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { ownFrame } from '../languages/frames.ts';
import { MOSTLY } from '../thresholds.ts';
import { isComputing, type WaitClass, waitOf } from '../waits.ts';
import { type Gap, lengthOf } from './gaps.ts';
import type { Program } from './program.ts';

/** What a program did while it had no request under way. */
export interface Part {
  readonly kind: PartKind;
  readonly us: number;
  /** The line of the program, where a recorder saw it. */
  readonly frame?: Frame;
  /** Of CPU: how many threads computed at once, at most. */
  readonly threads?: number;
  /** Of CPU: some of it was spent waiting for one. */
  readonly waited?: boolean;
  /** Of a child: what runs in it. */
  readonly child?: string;
}

/** In this order: CPU is no wait, and a wait of a known kind says more than one of another kind. */
export const PART_KINDS = ['cpu', 'database', 'file', 'child', 'sleep', 'lock', 'other'] as const;
export type PartKind = (typeof PART_KINDS)[number];

const KIND_OF: Partial<Record<WaitClass, PartKind>> = {
  cpu: 'cpu',
  'tls-context': 'cpu',
  database: 'database',
  file: 'file',
  child: 'child',
  sleep: 'sleep',
  lock: 'lock',
  semaphore: 'lock',
  rate: 'sleep',
  poll: 'other',
  read: 'other',
  write: 'other',
  connect: 'other',
  name: 'other',
};

interface Doing {
  readonly kind: PartKind;
  readonly frame: Frame | undefined;
  readonly child: string | undefined;
  readonly key: string;
}

interface Edge {
  readonly at: number;
  readonly doing: Doing;
  readonly step: 1 | -1;
}

/** What was done in the gaps, the longest first; each moment is counted once. */
export function partsOf(gaps: readonly Gap[], program: Program, evidence: Evidence): readonly Part[] {
  const seen = sleepsJoined(swept(edgesOf(gaps, program, evidence)));
  const unseen = unseenCpu(gaps, seen, program, evidence);
  return [...seen, ...unseen].sort((a, b) => b.us - a.us);
}

function edgesOf(gaps: readonly Gap[], program: Program, evidence: Evidence): Edge[] {
  const stacks = new Map(evidence.stack.map((stack) => [stack.id, stack.frames]));
  const ends = gaps.map(({ toUs }) => toUs);
  const edges: Edge[] = [];
  for (const block of evidence.block) {
    if (!program.isOf(block)) continue;
    const frames = block.stack === undefined ? [] : (stacks.get(block.stack) ?? []);
    const doing = doingOf(block, frames, evidence.process);
    if (doing === undefined) continue;
    for (let at = countWhile(ends, (end) => end <= block.fromUs); at < gaps.length; at++) {
      const { fromUs, toUs } = gaps[at]!;
      if (fromUs >= block.toUs) break;
      edges.push({ at: Math.max(fromUs, block.fromUs), doing, step: 1 });
      edges.push({ at: Math.min(toUs, block.toUs), doing, step: -1 });
    }
  }
  return edges.sort((a, b) => a.at - b.at || a.step - b.step);
}

function doingOf(block: Block, frames: readonly Frame[], processes: readonly Process[]): Doing | undefined {
  const kind = KIND_OF[waitOf(block, frames).kind];
  if (kind === undefined) return undefined;
  const frame = ownFrame(frames);
  const child = kind === 'child' ? childOf(block, processes) : undefined;
  return { kind, frame, child, key: `${kind} ${frame?.file}:${frame?.line} ${child}` };
}

/** 'ffmpeg': the child that ran in most of the time. */
function childOf({ pid, fromUs, toUs }: Block, processes: readonly Process[]): string | undefined {
  const within = ({ startedUs = 0, endedUs }: Process): number =>
    Math.min(endedUs ?? toUs, toUs) - Math.max(startedUs, fromUs);
  const [child] = processes
    .filter((process) => process.parent === pid && within(process) > 0)
    .sort((a, b) => within(b) - within(a));
  return child?.argv?.[0]?.replace(/^.*[/\\]/, '');
}

/** Goes through time: at each moment the kind that is first in PART_KINDS. */
function swept(edges: readonly Edge[]): readonly Part[] {
  const active = new Map<PartKind, Map<string, { doing: Doing; count: number }>>(
    PART_KINDS.map((kind) => [kind, new Map()]),
  );
  const found = new Map<string, { doing: Doing; us: number; threads: number }>();
  let now = 0;
  for (const { at, doing, step } of edges) {
    if (at > now) count(at - now);
    now = at;
    const own = active.get(doing.kind)!;
    const before = own.get(doing.key)?.count ?? 0;
    if (before + step === 0) own.delete(doing.key);
    else own.set(doing.key, { doing, count: before + step });
  }
  return [...found.values()].map(({ doing: { kind, frame, child }, us, threads }) => ({
    kind,
    us,
    ...(frame !== undefined && { frame }),
    ...(kind === 'cpu' && { threads }),
    ...(child !== undefined && { child }),
  }));

  function count(us: number): void {
    const first = PART_KINDS.map((kind) => active.get(kind)!).find(({ size }) => size > 0);
    if (first === undefined) return;
    // Both an outer and an inner recorder may have seen it: the inner one saw where.
    const all = [...first.values()];
    const { doing } = all.find((one) => one.doing.frame !== undefined) ?? all[0]!;
    const { key } = doing;
    const threads = all.reduce((sum, { count: of }) => sum + of, 0);
    const known = found.get(key);
    found.set(key, { doing, us: (known?.us ?? 0) + us, threads: Math.max(known?.threads ?? 0, threads) });
  }
}

/** Samples miss short sleeps: where all that have a line have the same, the others are of that line, too. */
function sleepsJoined(parts: readonly Part[]): readonly Part[] {
  const sleeps = parts.filter(({ kind }) => kind === 'sleep');
  const [at, ...others] = sleeps.filter(({ frame }) => frame !== undefined);
  if (at === undefined || others.length > 0) return parts;
  const us = sleeps.reduce((sum, one) => sum + one.us, 0);
  return [...parts.filter(({ kind }) => kind !== 'sleep'), { ...at, us }];
}

/** CPU time that the kernel counted, or a wait for a CPU, that no block shows, as far as it fits into the time of which nothing is known. */
function unseenCpu(
  gaps: readonly Gap[],
  seen: readonly Part[],
  { processes, isOf }: Program,
  { block: blocks }: Evidence,
): readonly Part[] {
  const unknownUs = lengthOf(gaps) - seen.reduce((sum, { us }) => sum + us, 0);
  const countedUs = processes.reduce((sum, { cpuUs }) => sum + (cpuUs ?? 0), 0);
  const shownUs = blocks
    .filter((block) => isComputing(block) && isOf(block))
    .reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const queuedUs = processes.reduce((sum, { runQueueUs }) => sum + (runQueueUs ?? 0), 0);
  const us = Math.min(unknownUs, Math.max(0, countedUs + queuedUs - shownUs));
  if (us === 0 || us < MOSTLY * unknownUs) return [];
  return [{ kind: 'cpu', us, ...(countedUs - shownUs < us && { waited: true }) }];
}
