import { askingLine } from '../languages/frames.ts';
import type { Cause } from '../scene/cause.ts';
import { shortPlace } from '../scene/modules.ts';
import type { Scene, Seen } from '../scene/scene.ts';
import { oneWorkerAsks } from './one-worker.ts';
import { resultInLoop } from './result-in-loop.ts';

/** So many of the exchanges have to come from one line for it to be named. */
const MOST = 0.8;

/** One piece of work that asks for each only after it has read the one before. */
export function awaitInLoop(scene: Scene): Cause | undefined {
  const { judgement, exchanges } = scene;
  if (judgement.overlap !== 'serial' || judgement.step !== 'wanted' || judgement.wanted === null)
    return undefined;
  if (resultInLoop(scene) !== undefined || oneWorkerAsks(scene) !== undefined) return undefined;
  const pids = new Set(exchanges.map(({ exchange }) => exchange.pid));
  if (pids.size >= 0.8 * exchanges.length && pids.size > 1) return undefined;
  const lines = Map.groupBy(
    exchanges.filter(({ exchange }) => exchange.stack !== undefined),
    ({ exchange }) => askingLine({ kind: 'stack', id: 0, frames: scene.framesOf(exchange.stack) }),
  );
  const [line, own] = [...lines].sort((a, b) => b[1].length - a[1].length)[0] ?? [null, []];
  if (
    line === null ||
    own.length < MOST * exchanges.filter(({ exchange }) => exchange.stack !== undefined).length
  )
    return undefined;
  // A URL that comes again comes out of no answer; of others only the program's data tells.
  const isSure = isRepeated(own);
  const awaits = isAsynchronous(scene) ? 'awaits' : 'waits for';
  return {
    id: 'await-in-loop',
    confidence: isSure ? 'certain' : 'likely',
    text: `The caller ${awaits} each request before it asks for the next, at ${shortPlace(line)}: one at a time; nothing else was pending.${isSure ? '' : ' That is right only where a URL comes out of the answer before it.'}`,
    share: scene.lostShare,
    evidence: [
      `${own.length} exchanges asked at ${line}, each after the one before was read`,
      ...own
        .slice(1, 4)
        .map(({ exchange, times }) => `exchange ${exchange.id}: wanted ${(times.wanted / 1e6).toFixed(3)} s`),
    ],
    remedy: `If no URL comes out of an earlier answer, ask for all of them first and wait then: ${isAsynchronous(scene) ? 'Promise.all, asyncio.gather or a task group' : 'a pool of threads, or an asynchronous client'}.`,
    reference: 'standard/standard#737',
  };
}

function isRepeated(own: readonly Seen[]): boolean {
  return new Set(own.map(({ exchange }) => exchange.url)).size <= own.length / 2;
}

function isAsynchronous({ environments, exchanges, units }: Scene): boolean {
  return (
    environments.some(({ language }) => language === 'node') ||
    exchanges.some(({ exchange: { unit } }) => unit !== undefined && units.get(unit)?.type === 'task')
  );
}
