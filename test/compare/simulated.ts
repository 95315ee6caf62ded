import type { Side } from '../../src/compare/differences.ts';
import { keyOf } from '../../src/compare/environment/distributions.ts';
import type { Distribution } from '../../src/compare/environment/environment.ts';
import { type Comparison, compare } from '../../src/compare/index.ts';
import type { Run, Setup } from '../../src/compare/run.ts';
import { type Garden, moduleOf, type Plant } from './planted.ts';

/**
 * What `compare` finds in a garden of which nothing is laid: its runs are computed, as the program of `planted.ts` would go.
 * @param slowByChance the number of a run that is slow for another reason: a busy machine
 */
export async function compareSimulated(
  garden: Garden,
  slowByChance?: number,
): Promise<{ comparison: Comparison; runs: number }> {
  const onFast = garden.plants.filter(({ way }) => way === 'version');
  const slow = sideOf('A', garden.plants, '2.0');
  const fast = sideOf('B', onFast, '1.0');
  let runs = 0;
  const comparison = await compare(slow, fast, async (setup) => {
    runs++;
    return runOf(runs, garden, setup, runs === slowByChance);
  });
  return { comparison, runs };
}

function sideOf(name: string, plants: readonly Plant[], version: string): Side {
  const distributions = new Map(plants.map((plant) => [keyOf(plant.name), distributionOf(plant, version)]));
  return {
    name,
    variables: {},
    environment: {
      language: 'python',
      given: name,
      version: '3.11.2',
      distributions,
      variables: {},
      command: (words) => words,
      mirror: () => null,
    },
  };
}

function distributionOf({ name, requires = [] }: Plant, version: string): Distribution {
  const key = keyOf(name);
  return {
    name,
    key,
    version,
    modules: [moduleOf(name)],
    requires: requires.map(keyOf),
    folder: '',
    files: [],
  };
}

function runOf(number: number, { plants, threshold }: Garden, setup: Setup, isBusy: boolean): Run {
  const interpreter = new Interpreter(plants, setup);
  const missing = interpreter.run();
  const isSlow = missing === null && (isBusy || interpreter.guilty() >= threshold);
  return {
    number,
    what: setup.side,
    exitCode: missing === null ? 0 : 1,
    timedOut: false,
    seconds: isSlow ? 5 : 1,
    marks: { ran: true, asked: interpreter.asked, loaded: [], prefixes: [], failed: [] },
    output: missing === null ? [] : [`ModuleNotFoundError: No module named '${missing}'`],
    trace: '',
    verdict: {
      overlap: isSlow ? 'serial' : 'concurrent',
      step: isSlow ? 'sent' : 'none',
      answered: missing === null ? 5 : 0,
      wallMs: isSlow ? 5000 : 1000,
    } as Run['verdict'],
  };
}

const ORDER: readonly Plant['way'][] = ['pth', 'version', 'optional', 'plugin'];

/** Which plants a program has loaded at its end. */
class Interpreter {
  /** Modules that were hidden and asked for. */
  readonly asked: string[] = [];
  readonly #plants: readonly Plant[];
  readonly #hidden: ReadonlySet<string>;
  readonly #versions: ReadonlyMap<string, string>;
  readonly #loaded = new Set<Plant>();

  constructor(plants: readonly Plant[], { environment, hidden, overlaid }: Setup) {
    this.#plants = plants;
    this.#hidden = new Set(hidden.map(({ key }) => key));
    const kept = [...environment.distributions.values()].filter(({ key }) => !this.#hidden.has(key));
    this.#versions = new Map([...kept, ...overlaid].map(({ key, version }) => [key, version]));
  }

  /** The module for whose lack the program fails; null: it goes well. */
  run(): string | null {
    for (const plant of ORDER.flatMap((way) => this.#plants.filter((each) => each.way === way))) {
      const missing = this.#load(plant);
      if (missing?.way === 'needed') return moduleOf(missing.name);
    }
    return null;
  }

  guilty(): number {
    const isGuilty = ({ name, culprit }: Plant) => culprit && this.#versions.get(keyOf(name)) === '2.0';
    return [...this.#loaded].filter(isGuilty).length;
  }

  /** Gives what is missing, of it or of what it imports. */
  #load(plant: Plant): Plant | null {
    const key = keyOf(plant.name);
    if (!this.#versions.has(key)) {
      if (this.#hidden.has(key)) this.asked.push(moduleOf(plant.name));
      return plant;
    }
    const imported = this.#plants.find(({ name }) => name === plant.imports);
    const missing = imported === undefined ? null : this.#load(imported);
    if (missing === null) this.#loaded.add(plant);
    return missing;
  }
}
