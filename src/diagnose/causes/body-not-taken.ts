import type { Cause } from './cause.ts';
import { calledOf, ownFrame, placeOf } from './frames.ts';
import { unionUs } from './holding.ts';
import { overlapUs, type Scene } from './scene.ts';
import { seconds } from './waiting.ts';

/** Answers that lie in the kernel while the thread that should take them computes. */
export function bodyNotTaken(scene: Scene): Cause | undefined {
  const ready = new Map<number, number[]>();
  for (const { connection, atUs, what } of scene.evidence.ready) {
    if (what === 'writable') continue;
    const times = ready.get(connection);
    if (times === undefined) ready.set(connection, [atUs]);
    else times.push(atUs);
  }
  const busy = scene.blocks.filter((block) => block.in === 'cpu');
  let lateUs = 0;
  let late = 0;
  let totalUs = 0;
  for (const { exchange, times, endUs } of scene.exchanges) {
    totalUs += endUs - Math.min(times.sent, endUs);
    const since = (ready.get(exchange.connection ?? -1) ?? []).find((at) => at >= times.sent && at < endUs);
    if (since === undefined) continue;
    const us = busy.reduce((sum, block) => sum + overlapUs(block.fromUs, block.toUs, since, endUs), 0);
    if (us === 0) continue;
    late++;
    lateUs += us;
  }
  if (late < 2 || lateUs < 0.2 * totalUs) return undefined;
  const longest = busy.reduce((most, block) =>
    block.toUs - block.fromUs > most.toUs - most.fromUs ? block : most,
  );
  const frames = scene.framesOf(longest.stack);
  const own = ownFrame(frames);
  return {
    id: 'answers-not-taken-up',
    confidence: own === undefined ? 'likely' : 'certain',
    text: `${late} answers lay in the kernel, ${seconds(lateUs / late)} in the mean, while the thread was busy with CPU${own === undefined ? '' : ` at ${placeOf(own)} (${calledOf(own)})`}: it is busy, not waiting.`,
    share: unionUs(busy, scene) / (scene.toUs - scene.fromUs),
    evidence: [
      `${busy.length} blocks: cpu, ${seconds(unionUs(busy, scene))}`,
      ...frames.slice(0, 2).map((frame) => `${placeOf(frame)} ${calledOf(frame)}`),
      ...(own === undefined ? [] : [`called at ${own.file}:${own.line}`]),
    ],
    remedy:
      'Move this work off the thread that reads the answers (a pool of processes, a worker thread), or do it after all are read.',
    reference: 'SchweizerischeBundesbahnen/weasyprint-service#367',
  };
}
