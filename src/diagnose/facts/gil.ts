import type { CauseId } from '../causes/index.ts';
import { duration } from '../numbers.ts';
import { processesOf } from '../scene/processes.ts';
import { ofScene, type Scene } from '../scene/scene.ts';
import { type Span, unionUs } from '../spans.ts';
import { threadOf } from '../threads.ts';
import { MOSTLY } from '../thresholds.ts';
import { isComputing, isQueued } from '../waits.ts';

/** The part of the lost time in which a thread has to be busy for the GIL to have taken it. */
const BUSY_SHARE = 0.7;

/** Causes that say which line computes. */
const OF_CPU: ReadonlySet<CauseId> = new Set(['answers-not-taken-up', 'loop-computes', 'cpu-quota']);

/** Whether a cause may be said of a program whose threads compute. */
export function isOfCpu({ id }: { readonly id: CauseId }): boolean {
  return OF_CPU.has(id);
}

/**
 * Threads of one Python process that compute between their requests: one of them runs at a time (GIL), and whatever else
 * requests wait for meanwhile, a worker, a connection, a lock, its holder waits for the GIL.
 */
export function gilFact(scene: Scene): string | undefined {
  const busyUs = busyBetweenUs(scene);
  if (busyUs === undefined) return undefined;
  const ofUs = scene.toUs - scene.fromUs;
  return `The CPU is the limit: the threads computed between their requests for ${duration(busyUs)} of ${duration(ofUs)}, and Python runs one thread at a time (GIL). More threads or connections would not help; processes would (ProcessPoolExecutor).`;
}

/**
 * How long some thread was in no wait and in no request, where that is what the lost time went by with. System calls show
 * all waits of threads that are no locks, the probe those as well; and the process used that much CPU.
 */
const busyBetweenUs = ofScene((scene): number | undefined => {
  const { wallUs, possibleWallUs, preparationUs } = scene.judgement;
  const lostUs = wallUs - preparationUs - (possibleWallUs ?? wallUs);
  const carriers = Map.groupBy(scene.exchanges, ({ exchange }) => threadOf(exchange));
  const pids = new Set(scene.exchanges.map(({ exchange: { pid } }) => pid));
  if (lostUs <= 0 || carriers.size < 2 || pids.size > 1 || !seesAllWaits(scene)) return undefined;
  const between = [...carriers].flatMap(([thread, own]) => {
    const requests = own.map(({ exchange, times, endUs }) => ({
      fromUs: exchange.calledUs ?? times.dispatched,
      toUs: endUs,
    }));
    const waits = (scene.blocksOfThread.get(thread) ?? []).filter(
      (block) => !isComputing(block) && !isQueued(block),
    );
    return withoutWaits(gapsIn(requests), waits);
  });
  const busyUs = unionUs(between);
  return busyUs >= BUSY_SHARE * lostUs && computedUs(scene) >= MOSTLY * busyUs ? busyUs : undefined;
});

function seesAllWaits({ evidence: { recorders = [] } }: Scene): boolean {
  return ['syscalls', 'python'].every((needed) => recorders.some(({ name }) => name === needed));
}

/** The time between spans, which need not be in order. */
function gapsIn(spans: readonly Span[]): readonly Span[] {
  const inOrder = spans.toSorted((a, b) => a.fromUs - b.fromUs);
  let untilUs = Infinity;
  return inOrder.flatMap(({ fromUs, toUs }) => {
    const gap = { fromUs: untilUs, toUs: fromUs };
    untilUs = untilUs === Infinity ? toUs : Math.max(untilUs, toUs);
    return gap.toUs > gap.fromUs ? [gap] : [];
  });
}

/** What is left of the gaps outside of the waits. */
function withoutWaits(gaps: readonly Span[], waits: readonly Span[]): readonly Span[] {
  return gaps.flatMap(({ fromUs, toUs }) => {
    const within = waits.filter((wait) => wait.fromUs < toUs && wait.toUs > fromUs);
    return gapsIn([{ fromUs: -Infinity, toUs: fromUs }, ...within, { fromUs: toUs, toUs: Infinity }]);
  });
}

/** CPU time of the process from the first request on. */
function computedUs(scene: Scene): number {
  const process = processesOf(scene).get(scene.exchanges[0]?.exchange.pid ?? -1);
  if (process?.cpuUs === undefined) return 0;
  return process.cpuUs - Math.max(0, scene.fromUs - (process.startedUs ?? 0));
}
