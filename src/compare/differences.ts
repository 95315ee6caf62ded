import { type Distribution, type Environment, labelOf } from './environment/environment.ts';
import type { Setup } from './run.ts';

/** One thing in which the slow side is not like the fast one. */
export type Difference =
  /** Installed on the slow side alone. */
  | { readonly kind: 'added'; readonly slow: Distribution }
  /** Installed on the fast side alone. */
  | { readonly kind: 'missing'; readonly fast: Distribution }
  | { readonly kind: 'version'; readonly slow: Distribution; readonly fast: Distribution }
  /** Of sides that differ in nothing else. */
  | { readonly kind: 'interpreter'; readonly name: string; readonly slow: string; readonly fast: string }
  /** undefined: not set. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly slow: string | undefined;
      readonly fast: string | undefined;
    };

/** A side as the user described it. */
export interface Side {
  readonly name: string;
  readonly environment: Environment;
  readonly variables: Readonly<Record<string, string>>;
}

/** All differences of the slow side, in the order in which they are tried: what can be hidden, variables, versions. */
export function differencesOf(slow: Side, fast: Side): readonly Difference[] {
  const [own, other] = [slow.environment.distributions, fast.environment.distributions];
  const added = [...own.values()].filter(({ key }) => !other.has(key));
  const missing = [...other.values()].filter(({ key }) => !own.has(key));
  const names = new Set([...Object.keys(slow.variables), ...Object.keys(fast.variables)]);
  return [
    ...added.map((each) => ({ kind: 'added', slow: each }) as const),
    ...[...names]
      .map(
        (name) =>
          ({ kind: 'variable', name, slow: slow.variables[name], fast: fast.variables[name] }) as const,
      )
      .filter((each) => each.slow !== each.fast),
    ...[...own.values()].flatMap((each) => {
      const twin = other.get(each.key);
      return twin === undefined || twin.version === each.version
        ? []
        : [{ kind: 'version', slow: each, fast: twin } as const];
    }),
    ...missing.map((each) => ({ kind: 'missing', fast: each }) as const),
  ];
}

/** `pyOpenSSL 19.0.0`, `urllib3 1.26.0 (not 2.0.1)`, `no gevent_openssl 1.2`, `UV_THREADPOOL_SIZE=1`. */
export function textOf(difference: Difference): string {
  switch (difference.kind) {
    case 'added':
      return labelOf(difference.slow);
    case 'missing':
      return `no ${labelOf(difference.fast)}`;
    case 'version':
      return `${labelOf(difference.slow)} (not ${difference.fast.version})`;
    case 'interpreter':
      return `${difference.name} ${difference.slow} (not ${difference.fast})`;
    case 'variable':
      return difference.slow === undefined
        ? `no ${difference.name}`
        : `${difference.name}=${difference.slow}`;
  }
}

/** The side as it is. */
export function asIs({ name, environment, variables }: Side): Setup {
  return { side: name, environment, variables, hidden: [], overlaid: [] };
}

/** The slow side, made like the fast one in these differences. */
export function without(slow: Side, fast: Side, differences: readonly Difference[]): Setup {
  return {
    ...asIs(slow),
    hidden: differences.flatMap((each) => (each.kind === 'added' ? each.slow : [])),
    overlaid: withRequired(
      differences.flatMap((each) => (each.kind === 'missing' || each.kind === 'version' ? each.fast : [])),
      fast.environment,
      slow.environment,
    ),
    variables: { ...slow.variables, ...variablesOf(differences, 'fast') },
  };
}

/** The fast side, made like the slow one in these differences. */
export function withThem(slow: Side, fast: Side, differences: readonly Difference[]): Setup {
  return {
    ...asIs(fast),
    hidden: differences.flatMap((each) => (each.kind === 'missing' ? each.fast : [])),
    overlaid: withRequired(
      differences.flatMap((each) => (each.kind === 'added' || each.kind === 'version' ? each.slow : [])),
      slow.environment,
      fast.environment,
    ),
    variables: { ...fast.variables, ...variablesOf(differences, 'slow') },
  };
}

/** The slow side with nothing of what it alone has but these: for a fast side that can't load what the slow one has. */
export function withThemAlone(
  slow: Side,
  differences: readonly Difference[],
  all: readonly Difference[],
): Setup {
  const kept = withRequired(
    differences.flatMap((each) => (each.kind === 'added' ? each.slow : [])),
    slow.environment,
    null,
  );
  const others = all.flatMap((each) => (each.kind === 'added' && !kept.includes(each.slow) ? each.slow : []));
  const unset = all.filter((each) => each.kind === 'variable' && !differences.includes(each));
  return { ...asIs(slow), hidden: others, variables: { ...slow.variables, ...variablesOf(unset, 'fast') } };
}

/** Whether distributions of one side can be put before those of the other. */
export function canOverlay({ environment: one }: Side, { environment: other }: Side): boolean {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.');
  return one.language === 'node' || minor(one.version) === minor(other.version);
}

function variablesOf(
  differences: readonly Difference[],
  side: 'fast' | 'slow',
): Record<string, string | undefined> {
  return Object.fromEntries(
    differences.flatMap((each) => (each.kind === 'variable' ? [[each.name, each[side]]] : [])),
  );
}

/** With what they require, as far as the environment that they go into does not have it. */
function withRequired(
  distributions: readonly Distribution[],
  from: Environment,
  into: Environment | null,
): readonly Distribution[] {
  const taken = new Map(distributions.map((each) => [each.key, each]));
  for (const { requires } of taken.values()) {
    for (const key of requires) {
      const needed = from.distributions.get(key);
      if (needed !== undefined && !into?.distributions.has(key) && !taken.has(key)) taken.set(key, needed);
    }
  }
  return [...taken.values()];
}
