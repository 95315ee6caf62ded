import type { Environment, Patch, Process } from '../trace/index.ts';

/** Processes that were made of the same: the same language, modules, patches and limits. */
export interface Program {
  readonly environment: Environment;
  readonly processes: readonly Process[];
}

/** The programs of a run, in the order in which their first process told of itself. */
export function programsOf(
  environments: readonly Environment[],
  processes: readonly Process[],
): readonly Program[] {
  const byPid = new Map<number, Process>();
  for (const process of processes) byPid.set(process.pid, { ...byPid.get(process.pid), ...process });
  // What a process says later replaces what it said before.
  const last = new Map(environments.map((environment) => [environment.pid, environment]));
  const alike = Map.groupBy(last.values(), ({ pid: _, ...what }) => JSON.stringify(what));
  return [...alike.values()].map((group) => ({
    environment: group[0]!,
    processes: group.map(({ pid }) => byPid.get(pid) ?? { kind: 'process', pid }),
  }));
}

/** What one package replaced in others. */
export interface Replacer {
  /** 'gevent 1.2.2' */
  readonly by: string;
  /** By the place that did it ('' where nobody knows): what it replaced by many things of its own. */
  readonly replaced: ReadonlyMap<string, readonly string[]>;
  /** What it replaced by one thing. */
  readonly others: readonly Patch[];
  /** What it could have replaced, and did not, or what still refers to the original. */
  readonly left: readonly string[];
}

/** The packages that replaced something, in the order of the patches. */
export function replacersOf(patches: readonly Patch[]): readonly Replacer[] {
  const byPackage = Map.groupBy(patches, ({ by, version }) =>
    version === undefined ? by : `${by} ${version}`,
  );
  return [...byPackage].map(([by, own]) => {
    const many = own.filter(({ replacement }) => replacement === undefined);
    const byPlace = Map.groupBy(many, ({ at = '' }) => at);
    return {
      by,
      replaced: new Map([...byPlace].map(([at, group]) => [at, group.map(({ target }) => target)])),
      others: own.filter(({ replacement }) => typeof replacement === 'string'),
      left: own.flatMap(({ target, replacement, left, heldBy = [] }) => [
        ...(left ?? (replacement === null ? [target] : [])),
        ...heldBy.map((name) => `${name} (bound before)`),
      ]),
    };
  });
}
