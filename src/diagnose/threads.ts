import type { Exchange, UnitType } from '../trace/index.ts';
import type { Evidence } from './evidence.ts';

/** The name of a thread of the run: 'pid:thread'. */
export function threadOf({ pid, thread }: Pick<Exchange, 'pid' | 'thread'>): string {
  return `${pid}:${thread}`;
}

/** Units of work that have a thread for themselves while they run. */
const ALONE: ReadonlySet<UnitType> = new Set(['thread', 'executor-item', 'queue-item', 'process']);

/**
 * Tells the threads (by the name that `threadOf` gives) that do one thing after the other: those of one unit of work,
 * and the workers of a pool. The other threads are loops.
 */
export function workerThreads({ exchange: exchanges, unit: units }: Evidence): (thread: string) => boolean {
  const types = new Map(units.map(({ id, type }) => [id, type]));
  const isAlone = (unit: number): boolean => ALONE.has(types.get(unit) ?? 'task');
  const known = exchanges.filter(({ unit }) => unit !== undefined);
  const workers = new Set(
    [...Map.groupBy(known, threadOf)].flatMap(([thread, all]) => {
      const own = new Set(all.map(({ unit }) => unit!));
      return own.size === 1 || [...own].every(isAlone) ? thread : [];
    }),
  );
  return (thread) => workers.has(thread);
}
