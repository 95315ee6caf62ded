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
