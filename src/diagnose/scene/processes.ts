import { basename } from 'node:path';
import type { Process } from '../../trace/index.ts';
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
  return word === undefined ? undefined : basename(word);
}

/** So much of its time a thread has to wait for a CPU to be held up by that. */
const STARVED = 0.5;

/** Whether the threads that made the requests waited for a CPU for most of the time, as the kernel counts it. */
export const isStarved = ofScene((scene): boolean => {
  const threads = Map.groupBy(scene.exchanges, ({ exchange: { pid } }) => pid);
  return [...threads].some(([pid, own]) => {
    const { runQueueUs = 0 } = processesOf(scene).get(pid ?? -1) ?? {};
    const carriers = new Set(own.map(({ exchange }) => exchange.thread)).size;
    return runQueueUs >= STARVED * carriers * (scene.toUs - scene.fromUs);
  });
});
