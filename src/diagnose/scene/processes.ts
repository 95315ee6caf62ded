import type { Process } from '../../trace/index.ts';
import { fileName } from '../file-name.ts';
import { ofScene } from './scene.ts';

/** What is known of each process, by its pid. */
export const processesOf = ofScene(
  ({ evidence }): ReadonlyMap<number, Process> =>
    new Map(
      [...Map.groupBy(evidence.process, ({ pid }) => pid)].map(([pid, records]) => [
        pid,
        Object.assign({}, ...records) as Process,
      ]),
    ),
);

/** The name of a process's program. */
export function nameOf(process: Process | undefined): string | undefined {
  const word = process?.argv?.[0];
  return word === undefined ? undefined : fileName(word);
}

/** The part of its life for which each thread with requests waits for a CPU, in a process that is short of CPU. */
const STARVED = 0.5;

/** How long the threads that made the requests waited for a CPU, where that was most of the time; else undefined. */
export const starvedUs = ofScene((scene): number | undefined => {
  const byPid = Map.groupBy(scene.exchanges, ({ exchange: { pid } }) => pid);
  const waited = [...byPid].map(([pid, own]) => {
    const { runQueueUs = 0, startedUs = scene.fromUs, endedUs } = processesOf(scene).get(pid ?? -1) ?? {};
    const carriers = new Set(own.map(({ exchange }) => exchange.thread)).size;
    return runQueueUs >= STARVED * carriers * ((endedUs ?? scene.toUs) - startedUs) ? runQueueUs : 0;
  });
  return Math.max(0, ...waited) || undefined;
});
