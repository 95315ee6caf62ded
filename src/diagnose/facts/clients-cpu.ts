import type { Block } from '../../trace/index.ts';
import { explained, holds, ownWaits } from '../scene/attribution.ts';
import { isServersTime } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { unionUs } from '../spans.ts';
import { threadOf } from '../threads.ts';
import { NEARLY_ALL } from '../thresholds.ts';
import { isComputing, isQueued } from '../waits.ts';

/** The part of the lost time that CPU has to take to have taken it. */
const CPU_SHARE = 0.7;
/** The part of it that threads may have waited, where nothing else is known. */
const MOST_STILL = 0.2;
/** Pipes and files that are waited for longer are waited for. */
const OF_MACHINE_US = 20_000;

/**
 * Whether the time that was lost is what the requests themselves cost in this program: a faster client, or machine,
 * would take less. Threads were seen to compute; or all waits of threads are seen, and they hardly waited: a thread that
 * does not wait computes, or is ready to while others have the processor.
 */
export function isClientsCpu(scene: Scene): boolean {
  const { wallUs, possibleWallUs, preparationUs } = scene.judgement;
  const lostUs = wallUs - preparationUs - (possibleWallUs ?? 0);
  if (lostUs <= 0 || isAtLimit(scene)) return false;
  const threads = new Set(scene.sample.map(({ exchange }) => threadOf(exchange)));
  const own = scene.blocks.filter((block) => threads.has(threadOf(block)));
  if (unionUs(own.filter(isComputing), scene) >= CPU_SHARE * lostUs) return true;
  // The waits that a trace which was cut short lacks are no CPU time.
  if (scene.evidence.isCutShort || !isRecordedBy(scene, 'syscalls') || isServersTime(scene)) return false;
  if (threads.size > 1) return isRecordedBy(scene, 'python') && isNeverStill(scene, threads.size, lostUs);
  // What it did before the first of them is no part of what was lost.
  const idleUs = unionUs(own.filter(isStill), { ...scene, fromUs: scene.fromUs + preparationUs });
  return idleUs <= (possibleWallUs ?? 0) + MOST_STILL * lostUs;
}

/** Whether no more were in flight than some limit allows: then that may be what held them up. */
function isAtLimit({ judgement, limits }: Scene): boolean {
  const { wanted, inFlight } = judgement;
  return inFlight.max < (wanted ?? Infinity) && limits.some(({ size }) => size === inFlight.max);
}

/** Whether threads of few requests each were in no wait for most of the time before these were sent. */
function isNeverStill(scene: Scene, threads: number, lostUs: number): boolean {
  if (threads < scene.sample.length / 2) return false;
  const unsent = scene.sample.map(({ times, endUs }) => ({
    fromUs: times.wanted,
    toUs: Math.min(times.sent, endUs),
  }));
  // What was lost when no request waited to be sent is nothing that requests cost.
  if (unionUs(unsent) < CPU_SHARE * lostUs) return false;
  // Where hardly any thread made two requests, none was waited for: what is not begun waits until its own has started.
  const isEachByItsOwn = threads >= NEARLY_ALL * scene.sample.length;
  const waits = [...ownWaits(scene), ...holds(scene)].filter(
    ({ block }) => !isComputing(block) && !isOfFile(block) && !(isEachByItsOwn && isQueued(block)),
  );
  return explained(waits, scene.sample) <= MOST_STILL;
}

/** Whether a thread waits, and not only a unit of work that runs on it. */
function isStill(block: Block): boolean {
  return !isComputing(block) && block.unit === undefined && !isQueued(block);
}

/** A call that no connection makes wait, and that is soon over: what took its time is the machine. */
function isOfFile({ wait: { call, connections }, fromUs, toUs }: Block): boolean {
  return (call === 'read' || call === 'write') && connections === undefined && toUs - fromUs < OF_MACHINE_US;
}

/** From outside all waits of a thread are seen that are no locks, from inside Python those as well; a loop has none. */
function isRecordedBy({ evidence }: Scene, recorder: string): boolean {
  return evidence.recorders?.some(({ name }) => name === recorder) ?? false;
}
