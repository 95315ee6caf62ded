import type { Exchange, UnitType } from '../trace/index.ts';
import type { Evidence } from './evidence.ts';
import { languageOfFile } from './languages/index.ts';

/** The name of a thread of the run: 'pid:thread'. */
export function threadOf({ pid, thread }: Pick<Exchange, 'pid' | 'thread'>): string {
  return `${pid}:${thread}`;
}

/** Units of work that have a thread for themselves while they run. */
const ALONE: ReadonlySet<UnitType> = new Set(['thread', 'executor-item', 'queue-item', 'process']);

/**
 * Tells the threads (by the name that `threadOf` gives) that do one thing after the other: those of one unit of work,
 * the workers of a pool, and those whose requests are made outside of any unit. The other threads are loops.
 */
export function workerThreads(evidence: Evidence): (thread: string) => boolean {
  const { exchange: exchanges, unit: units } = evidence;
  const types = new Map(units.map(({ id, type }) => [id, type]));
  const isAlone = (unit: number): boolean => ALONE.has(types.get(unit) ?? 'task');
  const isOutside = outsideUnits(evidence);
  const workers = new Set(
    [...Map.groupBy(exchanges, threadOf)].flatMap(([thread, all]) => {
      const own = new Set(all.flatMap(({ unit }) => unit ?? []));
      const isWorker = own.size === 0 ? all.every(isOutside) : own.size === 1 || [...own].every(isAlone);
      return isWorker ? thread : [];
    }),
  );
  return (thread) => workers.has(thread);
}

/** Languages in which a loop runs units of work, and whatever belongs to none is the code of a thread. */
const WITH_UNITS: ReadonlySet<string | undefined> = new Set(['python', 'ruby']);

/** Whether an exchange was made outside of any unit, by a program whose units are seen. */
function outsideUnits({ stack: stacks }: Evidence): (exchange: Exchange) => boolean {
  const languages = new Map(stacks.map(({ id, frames: [leaf] }) => [id, leaf && languageOfFile(leaf.file)]));
  return ({ unit, stack }) => unit === undefined && WITH_UNITS.has(languages.get(stack ?? -1));
}
