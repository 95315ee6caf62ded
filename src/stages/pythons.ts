import { StagesError } from './error.ts';
import { findPython, pythonAt, pythonsOnPath } from './interpreters/find.ts';
import { type Interpreter, minorOf, thisNode } from './interpreters/interpreter.ts';
import type { Runtime } from './story.ts';

/** An interpreter for a runtime; `interpreter` is null where the place brings its own. */
export interface Provided {
  /** What the table calls it: '3.7'. */
  readonly version: string;
  readonly interpreter: Interpreter | null;
}

/** Who provides interpreters. */
export interface Provider {
  /** The versions that were named, or null: the usual ones. */
  readonly named: readonly string[] | null;
  /** One of each version of the runtime that is wanted. @throws StagesError where a named one is not there */
  provide(runtime: Runtime): Promise<readonly Provided[]>;
  /** Why nothing was provided for an optional runtime. */
  lacks(runtime: Runtime): string;
  /** Those of the user, for stage 0. */
  own(): Promise<readonly Interpreter[]>;
}

/** Containers: a version each, nothing to be found. */
export function providedByPlace(named: readonly string[] | null): Provider {
  return {
    named,
    provide: async ({ language, versions, optional }) => {
      if (language === 'node') return [{ version: '', interpreter: null }];
      const wanted =
        named === null
          ? versions.slice(0, optional ? 0 : 1)
          : versions.filter((each) => named.includes(each));
      return wanted.map((version) => ({ version, interpreter: null }));
    },
    lacks: ({ versions }) => `--python ${versions[0]} brings its container`,
    own: async () => {
      throw new StagesError(
        'stage 0 is of your own Pythons, which are not in containers: leave --docker out',
      );
    },
  };
}

/**
 * Interpreters of this machine. `words` are versions ('3.7'), files ('/usr/bin/python3'), or both ('3.7=/usr/bin/py').
 * @throws StagesError if a file is not a Python, or not of the given version
 */
export async function providedHere(words: readonly string[] | null): Promise<Provider> {
  const named = words === null ? null : new Map(await Promise.all(words.map(choice)));
  const looked = new Map<string, ReturnType<typeof findPython>>();
  const find = (minor: string) => {
    if (!looked.has(minor)) looked.set(minor, findPython(minor));
    return looked.get(minor)!;
  };

  async function provideNamed({ versions }: Runtime): Promise<Provided[]> {
    const wanted = versions.filter((each) => named!.has(each));
    return Promise.all(
      wanted.map(async (version) => {
        const given = named!.get(version);
        if (given) return { version, interpreter: given };
        const { interpreter, tried } = await find(version);
        if (interpreter === null) throw missing([version], tried);
        return { version, interpreter };
      }),
    );
  }

  async function provideUsual({ versions, optional }: Runtime): Promise<Provided[]> {
    const tried: string[] = [];
    for (const version of versions) {
      const found = await find(version);
      if (found.interpreter !== null) return [{ version, interpreter: found.interpreter }];
      tried.push(...found.tried);
    }
    if (optional) return [];
    throw missing(versions, tried);
  }

  return {
    named: named === null ? null : [...named.keys()],
    provide: async (runtime) => {
      const node = thisNode();
      if (runtime.language === 'node') return [{ version: node.version.split('.')[0]!, interpreter: node }];
      return named === null ? provideUsual(runtime) : provideNamed(runtime);
    },
    lacks: ({ versions }) => `there is no Python ${versions.join(', ')}`,
    own: async () => {
      if (named === null) return pythonsOnPath();
      return Promise.all(
        [...named].map(async ([version, given]) => {
          if (given) return given;
          const { interpreter, tried } = await find(version);
          if (interpreter === null) throw missing([version], tried);
          return interpreter;
        }),
      );
    },
  };
}

async function choice(word: string): Promise<[version: string, given: Interpreter | null]> {
  if (/^\d+\.\d+$/.test(word)) return [word, null];
  const [, version, file] = /^(?:(\d+\.\d+)=)?(.*\/.*)$/s.exec(word) ?? [];
  if (file === undefined)
    throw new StagesError(
      `--python ${word}: that is no version (3.7), no path (/usr/bin/python3), and not both (3.7=/usr/bin/python3)`,
    );
  const interpreter = await pythonAt(file);
  const found = minorOf(interpreter.version);
  if (version !== undefined && version !== found)
    throw new StagesError(`--python ${word}: this is Python ${interpreter.version}`);
  return [found, interpreter];
}

/** At most this many of the searched places are listed. */
const MOST_TRIED = 4;

function missing(versions: readonly string[], tried: readonly string[]): StagesError {
  const what = versions.join(' or ');
  const places = [...new Set(tried)];
  const more = places.length > MOST_TRIED ? `; and ${places.length - MOST_TRIED} more` : '';
  const install = versions.includes('2.7') ? 'pyenv install 2.7.18' : `uv python install ${versions[0]}`;
  return new StagesError(
    `there is no Python ${what} here (looked at PATH, pyenv and uv: ${places.slice(0, MOST_TRIED).join('; ')}${more}). Name one with --python ${versions[0]}=PATH, install one (${install}), choose others (--python 3.13), use containers (--docker), or see the story that needs Node alone: abreast stages --story node`,
  );
}
