import type { Block, Process } from '../../trace/index.ts';
import type { Evidence } from '../evidence.ts';
import { threadOf } from '../threads.ts';

/**
 * Which processes are the program: those that made requests, and those that started them. What other children do is
 * time in which one of these waits for a child.
 */
export interface Program {
  readonly processes: readonly Process[];
  /** From the start of the first process to its end, as far as it was seen. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Whether the block is of a thread whose waits the program waits for: the main one, or one that makes requests. */
  isOf(block: Block): boolean;
}

/** Undefined where no recorder saw a process: then nobody knows when the program began. */
export function programOf(evidence: Evidence, endedUs: number): Program | undefined {
  const byPid = new Map(evidence.process.map((process) => [process.pid, process]));
  const pids = withParents(new Set(evidence.exchange.flatMap(({ pid }) => pid ?? [])), byPid);
  const processes = [...byPid.values()].filter(({ pid }) => pids.has(pid));
  const [first] = processes.sort((a, b) => (a.startedUs ?? 0) - (b.startedUs ?? 0));
  if (first === undefined) return undefined;
  const threads = new Set(evidence.exchange.map(threadOf));
  return {
    processes,
    fromUs: first.startedUs ?? 0,
    toUs: first.endedUs ?? endedUs,
    isOf: (block) =>
      pids.has(block.pid) &&
      (block.thread === block.pid || block.unit !== undefined || threads.has(threadOf(block))) &&
      !(block.wait.kind === 'child' && isForProgram(block, processes)),
  };
}

function withParents(pids: Set<number>, byPid: ReadonlyMap<number, Process>): ReadonlySet<number> {
  for (const pid of pids) {
    const parent = byPid.get(pid)?.parent;
    if (parent !== undefined && byPid.has(parent)) pids.add(parent); // a Set goes on to what is added meanwhile
  }
  return pids;
}

/** Whether a process waits for one that is the program itself: a shell for the script that it has started. */
function isForProgram({ pid, fromUs, toUs }: Block, processes: readonly Process[]): boolean {
  return processes.some(
    ({ parent, startedUs, endedUs }) =>
      parent === pid && (startedUs ?? 0) < toUs && (endedUs ?? Number.POSITIVE_INFINITY) > fromUs,
  );
}
