import type { Process } from '../../trace/index.ts';
import { duration } from '../numbers.ts';
import { processesOf } from '../scene/processes.ts';
import { overlapUs, type Scene } from '../scene/scene.ts';
import { isComputing } from '../waits.ts';

/** Shorter pauses are what a program does between two requests. */
const LEAST_SHARE = 0.3;
/** How far pauses may be from their mean (standard deviation over mean) to be made by a clock. */
const MOST_UNEVEN = 0.3;
const LEAST = 4;

/**
 * What is to be said of a program that stands still for the same time between each two of its requests: it asks again
 * until something is done, or spares the server. Such a pause is meant, whatever could be asked for meanwhile.
 */
export function pausesFact(scene: Scene): string | undefined {
  const { judgement, exchanges, blocks, fromUs, toUs } = scene;
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || judgement.wanted === null)
    return undefined;
  const busy = blocks.filter(isComputing);
  const processes = processesOf(scene);
  const pauses = exchanges.slice(1).map(({ exchange, times }, index) => {
    const before = exchanges[index]!;
    // One process ends and another one starts: that is work, and only what lies between is a pause.
    if (before.exchange.pid !== exchange.pid)
      return betweenUs(processes.get(before.exchange.pid ?? -1), processes.get(exchange.pid ?? -1));
    const endUs = before.endUs;
    const busyUs = busy.reduce(
      (sum, block) => sum + overlapUs(block.fromUs, block.toUs, endUs, times.wanted),
      0,
    );
    return Math.max(0, times.wanted - endUs - busyUs);
  });
  if (pauses.length < LEAST) return undefined;
  const mean = pauses.reduce((sum, us) => sum + us, 0) / pauses.length;
  const variance = pauses.reduce((sum, us) => sum + (us - mean) ** 2, 0) / pauses.length;
  if (mean * pauses.length < LEAST_SHARE * (toUs - fromUs) || Math.sqrt(variance) > MOST_UNEVEN * mean)
    return undefined;
  return `The program stands still for ${duration(mean)} between each two requests: it asks again until something is done, or spares the server. That is no fault.`;
}

function betweenUs(before: Process | undefined, after: Process | undefined): number {
  const { endedUs } = before ?? {};
  const { startedUs } = after ?? {};
  return typeof endedUs === 'number' && startedUs !== undefined ? Math.max(0, startedUs - endedUs) : 0;
}
