import { type Distribution, type Environment, labelOf } from './environment/environment.ts';
import { haveSameFiles } from './environment/same-files.ts';
import { type Setup, shownValue } from './run.ts';

/** One thing in which the slow side is not like the fast one. */
export type Difference =
  /** Installed on the slow side alone. */
  | { readonly kind: 'added'; readonly slow: Distribution }
  /** Installed on the fast side alone. */
  | { readonly kind: 'missing'; readonly fast: Distribution }
  /** Of two versions, or of one version with other files. */
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
  const isLike = (each: Distribution, twin: Distribution) =>
    each.version === twin.version && (!canOverlay(slow, fast) || haveSameFiles(each, twin));
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
      return twin === undefined || isLike(each, twin)
        ? []
        : [{ kind: 'version', slow: each, fast: twin } as const];
    }),
    ...missing.map((each) => ({ kind: 'missing', fast: each }) as const),
  ];
}

/** `pyOpenSSL 19.0.0`, `urllib3 1.26.0 (not 2.0.1)`, `no gevent_openssl 1.2`, `UV_THREADPOOL_SIZE=1 (not 64)`. */
export function textOf(difference: Difference): string {
  switch (difference.kind) {
    case 'added':
      return labelOf(difference.slow);
    case 'missing':
      return `no ${labelOf(difference.fast)}`;
    case 'version':
      return difference.slow.version === difference.fast.version
        ? `${labelOf(difference.slow)} (its files differ)`
        : `${labelOf(difference.slow)} (not ${difference.fast.version})`;
    case 'interpreter':
      return `${difference.name} ${difference.slow} (not ${difference.fast})`;
    case 'variable':
      return variableText(difference);
  }
}

function variableText({ name, slow, fast }: Extract<Difference, { kind: 'variable' }>): string {
  if (slow === undefined) return `no ${name}`;
  const shown = `${name}=${shownValue(name, slow)}`;
  return fast === undefined ? shown : `${shown} (not ${shownValue(name, fast)})`;
}

/** Whether the slow side only lacks what these are, so that it is fast with them. */
export function areAbsent(differences: readonly Difference[]): boolean {
  return differences.every(
    (each) => each.kind === 'missing' || (each.kind === 'variable' && each.slow === undefined),
  );
}

/** The side as it is. */
export function asIs({ name, environment, variables }: Side): Setup {
  return { side: name, environment, variables, hidden: [], overlaid: [] };
}

/** The slow side, made like the fast one in these differences. */
export function without(slow: Side, fast: Side, differences: readonly Difference[]): Setup {
  const gone = differences.flatMap((each) => (each.kind === 'added' ? each.slow : []));
  const put = differences.flatMap((each) =>
    each.kind === 'missing' || each.kind === 'version' ? each.fast : [],
  );
  return changed(slow, fast, gone, put, variablesOf(differences, 'fast'));
}

/** The fast side, made like the slow one in these differences. */
export function withThem(slow: Side, fast: Side, differences: readonly Difference[]): Setup {
  const gone = differences.flatMap((each) => (each.kind === 'missing' ? each.fast : []));
  const put = differences.flatMap((each) =>
    each.kind === 'added' || each.kind === 'version' ? each.slow : [],
  );
  return changed(fast, slow, gone, put, variablesOf(differences, 'slow'));
}

/** A side without some of its distributions, and with some of the other one. */
function changed(
  side: Side,
  other: Side,
  gone: readonly Distribution[],
  put: readonly Distribution[],
  variables: Setup['variables'],
): Setup {
  const replaced = canOverlay(side, other)
    ? replacedBy(gone, side.environment).flatMap(({ key }) => other.environment.distributions.get(key) ?? [])
    : [];
  return {
    ...asIs(side),
    hidden: sparing(gone, replaced, side.environment),
    overlaid: withRequired([...put, ...replaced], other.environment, side.environment),
    variables: { ...side.variables, ...variables },
  };
}

/**
 * Distributions whose files are among those of these as well, as those of urllib3 are where urllib3-future lies over it:
 * their own are gone, so that without these they have to come from elsewhere. An `__init__.py` alone is a namespace.
 */
export function replacedBy(
  gone: readonly Distribution[],
  { language, distributions }: Environment,
): readonly Distribution[] {
  if (language !== 'python') return []; // a module of Node is one package, however often it is there
  const modules = new Set(gone.flatMap((each) => each.modules));
  const files = new Set(gone.flatMap((each) => each.files));
  return [...distributions.values()].filter((each) => {
    if (gone.some(({ key }) => key === each.key)) return false;
    const own = each.modules
      .filter((module) => modules.has(module))
      .flatMap((module) => filesOf(each, module));
    const taken = own.filter((file) => files.has(file));
    return (
      taken.some((file) => !file.endsWith('/__init__.py')) ||
      (taken.length > 0 && taken.length === own.length)
    );
  });
}

/** Of modules that others have as well, what others have not is hidden: 'backports.x', where there is a 'backports.y'. */
export function sparing(
  gone: readonly Distribution[],
  replaced: readonly Distribution[],
  { language, distributions }: Environment,
): readonly Distribution[] {
  if (language !== 'python') return gone;
  const kept = [...distributions.values()].filter(({ key }) => !gone.some((each) => each.key === key));
  const others = [...kept, ...replaced];
  return gone.map((each) => ({
    ...each,
    modules: each.modules.flatMap((module) => {
      const sharers = others.filter(({ modules }) => modules.includes(module));
      const parts = submodulesOf(each, module, sharers);
      const comesBack = replaced.some(({ modules }) => modules.includes(module));
      return sharers.length > 0 && (parts.length > 0 || comesBack) ? parts : module;
    }),
  }));
}

/** The files of a module, or the one that it is. */
function filesOf({ files }: Distribution, module: string): readonly string[] {
  const path = module.replaceAll('.', '/');
  return files.filter((file) => file.startsWith(`${path}/`) || file === `${path}.py`);
}

function submodulesOf(own: Distribution, module: string, others: readonly Distribution[]): readonly string[] {
  const namesOf = (each: Distribution) =>
    filesOf(each, module).map((file) =>
      file
        .slice(module.length + 1)
        .split('/')[0]!
        .replace(/\..*$/, ''),
    );
  const known = new Set(others.flatMap(namesOf));
  const names = namesOf(own).filter((name) => /^\w+$/.test(name) && !known.has(name));
  return [...new Set(names)].map((name) => `${module}.${name}`);
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

/** A side with nothing of what differs on it, where nothing of the other side can be put into it; variables are the other's. */
export function bare(side: Side, other: Side, differences: readonly Difference[]): Setup {
  const own = new Set(side.environment.distributions.values());
  const all = differences.flatMap((each) => [
    ...(each.kind === 'added' || each.kind === 'version' ? [each.slow] : []),
    ...(each.kind === 'missing' || each.kind === 'version' ? [each.fast] : []),
  ]);
  const unset = Object.fromEntries(Object.keys(side.variables).map((name) => [name, undefined]));
  return {
    ...asIs(side),
    hidden: all.filter((each) => own.has(each)),
    variables: { ...unset, ...other.variables },
  };
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
