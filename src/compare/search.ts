import { type Contrast, LEAST_PROBABILITY, LEAST_RUNS, sideOf } from './decide.ts';
import {
  asIs,
  bare,
  canOverlay,
  type Difference,
  replacedBy,
  type Side,
  textOf,
  without,
  withThem,
  withThemAlone,
} from './differences.ts';
import { isLess } from './exact-test.ts';
import { GivenUp, type Known, loadedEarly, outcomeOf, type Runs } from './known.ts';
import { layersOf, oneByOne, remembering, smallest } from './minimize.ts';
import { missingIn, neededIn, withoutNeeded } from './needed.ts';
import type { Run, Setup } from './run.ts';

export interface SearchOptions {
  readonly slow: Side;
  readonly fast: Side;
  readonly contrast: Contrast;
  readonly runs: Runs;
  /** Is told what is found as soon as it is. */
  readonly known: Known;
}

/** So many runs are made of one culprit among few, and as many as double the halvings of more. */
const MOST_OF_FEW = 6;

/** The search for the smallest set that makes the difference, with what it learns meanwhile. */
export class Search {
  readonly #options: SearchOptions;
  /** Runs by what ran, so that a proof never repeats a run that was made. */
  readonly #made = new Map<string, Run[]>();

  /** What others fail without, though they do not say that they require it. */
  readonly #companions = new Set<Difference>();
  #all: readonly Difference[] = [];

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /**
   * The smallest set without which the slow side is fast; null: there is none. Roots come before what they require, and
   * what can be hidden before versions.
   */
  async find(differences: readonly Difference[]): Promise<readonly Difference[] | null> {
    const { slow, fast, known } = this.#options;
    this.#all = differences;
    const isFirst = ({ kind }: Difference) => kind === 'added' || kind === 'variable';
    const layers = [
      ...layersOf(differences.filter(isFirst), (item) => requiring(item, differences)),
      canOverlay(slow, fast) ? differences.filter((each) => !isFirst(each)) : [],
    ];
    const ask = remembering<Difference>((items) => this.#isFastWithout(items));
    // What lies over the modules of another one has changed it by being installed: it is asked before all others.
    const over = differences.filter(
      (each) => each.kind === 'added' && replacedBy([each.slow], slow.environment).length > 0,
    );
    const steps = [
      ...(over.length > 0 ? [[over]] : []),
      ...inSteps(layers.filter(({ length }) => length > 0)),
    ];
    for (const tried of steps) {
      const found = await smallest(tried.flat(), ask, tried.length > 1 ? tried[0]!.length : undefined);
      if (found !== null) {
        known.set = await this.#smaller(withoutNeeded(found, known.needed));
        return known.set;
      }
    }
    return null;
  }

  /** A run that was slow by chance puts too much into a set: each of several is left out in one more run. */
  async #smaller(found: readonly Difference[]): Promise<readonly Difference[]> {
    const { slow, fast, runs } = this.#options;
    let kept = found;
    for (const item of found.toReversed()) {
      const rest = kept.filter((each) => each !== item);
      if (rest.length === 0) break;
      const run = await runs(without(slow, fast, rest));
      if (this.#sideOf(run) === 'fast') kept = rest;
    }
    return kept;
  }

  /** Of a set of which some are slow alone: those that are not. They only keep others from being loaded. */
  async #idleIn(set: readonly Difference[]): Promise<readonly Difference[]> {
    if (set.length === 1) return [];
    const idle: Difference[] = [];
    for (const item of set) if (!(await this.#isSlowWithAll([item]))) idle.push(item);
    return idle.length < set.length ? idle : [];
  }

  /** Shows both ways that a set makes the difference, after it has taken in what is slow only together with it. Says what is wrong, or null. */
  async prove(found: readonly Difference[]): Promise<string | null> {
    const { slow, fast, known } = this.#options;
    let set = found;
    if ((await this.#shows(this.#with(set), 'slow')) === null) {
      // A distribution brings what it requires, so those come first that others require.
      const rest = this.#all.filter((each) => !found.includes(each));
      const others = layersOf(rest, (item) => requiring(item, rest))
        .toReversed()
        .flat();
      const asks = (items: readonly Difference[]) => this.#isSlowWithAll([...found, ...items]);
      const enough = await smallest(others, remembering(asks));
      // Some are there only because others fail without them: each is left out once more, with nothing supposed.
      const exactly = (items: readonly Difference[]) => this.#isSlowWith(items);
      if (enough === null)
        return `${slow.name} is fast without the set, but ${fast.name} is not slow with it`;
      set = await oneByOne([...new Set([...found, ...enough, ...this.#companions])], exactly);
      known.set = set;
    } else {
      const [idle] = await this.#idleIn(set);
      if (idle !== undefined)
        return `${fast.name} is slow with some of the set, but not with ${textOf(idle)} alone`;
    }
    const [gone, put] = [without(slow, fast, set), this.#with(set)];
    if ((await this.#shows(gone, 'fast')) === null)
      return `${fast.name} is slow with the set, but ${slow.name} is not surely fast without it`;
    if ((await this.#shows(put, 'slow')) === null)
      return `${slow.name} is fast without the set, but ${fast.name} is not surely slow with it`;
    const changing = await this.#repeat(gone, put);
    if (changing !== null) return changing;
    const numbers = (setup: Setup) => this.#of(setup).map(({ number }) => number);
    Object.assign(known.proofs, { without: numbers(gone), with: numbers(put) });
    return null;
  }

  /**
   * Makes the runs of a proof by verdict once more, what came more seldom first: a program that changes from run to run
   * would have proved anything. Says so, or gives null.
   */
  async #repeat(gone: Setup, put: Setup): Promise<string | null> {
    const { contrast, runs } = this.#options;
    if (contrast.by === 'time') return null;
    const all = [...this.#made.values()].flat();
    const isSlowRare = all.filter((run) => this.#sideOf(run) === 'slow').length * 2 < all.length;
    const most = Math.max(MOST_OF_FEW, 4 + 2 * Math.log2(this.#all.length));
    const both = isSlowRare ? [put, gone] : [gone, put];
    for (const setup of all.length + 4 <= most ? both : both.slice(0, 1)) {
      const [before] = this.#of(setup);
      const again = await runs(setup);
      this.#of(setup).push(again);
      if (this.#sideOf(again) !== this.#sideOf(before!))
        return `run ${before!.number} and run ${again.number} (${again.what}) differ: the program changes from run to run`;
    }
    return null;
  }

  /**
   * Runs the sides as they are once more, where one run of each was enough so far: what no difference explains may have been
   * chance. Says so, or gives null.
   */
  async repeatSides(): Promise<string | null> {
    const { slow, fast, contrast, runs } = this.#options;
    if (contrast.by === 'time') return null;
    for (const [side, like] of [
      [slow, 'slow'],
      [fast, 'fast'],
    ] as const) {
      const again = await runs(asIs(side));
      if (this.#sideOf(again) !== like)
        return `run ${again.number} (${again.what}) is not ${like}, as the first run of ${side.name} was: the program changes from run to run`;
    }
    return null;
  }

  /**
   * Shows that of sides without all that differs, but for their interpreters, the slow one is still slow, and the fast one
   * fast. Says what is wrong, or null.
   */
  async proveInterpreter(differences: readonly Difference[]): Promise<string | null> {
    const { slow, fast, known } = this.#options;
    const [asSlow, asFast] = canOverlay(slow, fast)
      ? [without(slow, fast, differences), withThem(slow, fast, differences)]
      : [bare(slow, fast, differences), bare(fast, slow, differences)];
    const isSlow = await this.#shows(asSlow, 'slow');
    if (isSlow === null) return `${slow.name} is not surely slow without all that differs`;
    const isFast = await this.#shows(asFast, 'fast');
    if (isFast === null) return `${fast.name} is not surely fast without all that differs`;
    const [{ language, version }, other] = [slow.environment, fast.environment];
    known.set = [{ kind: 'interpreter', name: language, slow: version, fast: other.version }];
    Object.assign(known.proofs, { without: isFast, with: isSlow });
    return null;
  }

  /** The numbers of the runs that show a setup to be fast or slow, by an exact test where only times tell; or null. */
  async #shows(setup: Setup, side: 'fast' | 'slow'): Promise<readonly number[] | null> {
    const { contrast, runs } = this.#options;
    const made = this.#of(setup);
    while (made.length < (contrast.by === 'time' ? LEAST_RUNS : 1)) made.push(await runs(setup));
    if (made.some((run) => this.#sideOf(run) === null)) return null;
    const times = made.map(({ seconds }) => seconds);
    const isShown =
      contrast.by === 'verdict'
        ? made.some((run) => this.#sideOf(run) === side)
        : side === 'fast'
          ? isLess(times, contrast.slow, LEAST_PROBABILITY)
          : isLess(contrast.fast, times, LEAST_PROBABILITY);
    return isShown ? made.map(({ number }) => number) : null;
  }

  /** What the program turns out to need is left out, and not tried again. */
  async #isFastWithout(items: readonly Difference[]): Promise<boolean> {
    const { slow, fast, known } = this.#options;
    const tried = withoutNeeded(items, known.needed);
    if (tried.length === 0) return false;
    const setup = without(slow, fast, tried);
    const run = await this.#run(setup);
    const side = this.#sideOf(run);
    if (side === 'slow') for (const name of loadedEarly(run, setup.hidden)) known.early.add(name);
    if (side !== null) return side === 'fast';
    const needed = neededIn(run, tried);
    if (needed === null) return false;
    known.needed.add(textOf(needed));
    this.#companions.add(needed);
    return this.#isFastWithout(tried);
  }

  /** With what they fail without as well: learned from what a run says that it misses. */
  async #isSlowWithAll(items: readonly Difference[]): Promise<boolean> {
    const all = [...new Set([...items, ...this.#companions])];
    const run = await this.#run(this.#with(all));
    const side = this.#sideOf(run);
    if (side !== null) return side === 'slow';
    const missing = missingIn(
      run,
      this.#all.filter((each) => !all.includes(each)),
    );
    if (missing === null) return false;
    this.#companions.add(missing);
    return this.#isSlowWithAll(items);
  }

  async #isSlowWith(items: readonly Difference[]): Promise<boolean> {
    return this.#sideOf(await this.#run(this.#with(items))) === 'slow';
  }

  #with(items: readonly Difference[]): Setup {
    const { slow, fast } = this.#options;
    return canOverlay(slow, fast) ? withThem(slow, fast, items) : withThemAlone(slow, items, this.#all);
  }

  async #run(setup: Setup): Promise<Run> {
    const made = this.#of(setup);
    if (made.length === 0) made.push(await this.#options.runs(setup));
    return made.at(-1)!;
  }

  #of({ side, hidden, overlaid, variables }: Setup): Run[] {
    const names = [hidden, overlaid].map((list) =>
      list.map(({ key, version }) => `${key} ${version}`).sort(),
    );
    const key = JSON.stringify([side, names, Object.entries(variables).sort()]);
    const made = this.#made.get(key) ?? [];
    this.#made.set(key, made);
    return made;
  }

  #sideOf(run: Run): 'fast' | 'slow' | null {
    const { contrast, known } = this.#options;
    if (run.marks !== null && !run.marks.ran) throw new GivenUp(unmarked(run));
    return sideOf(outcomeOf(run, known.answers), contrast);
  }
}

/** The first layer, then all of them; and where all together are not enough, which may be because they do not work together, fewer. */
function inSteps<T>(layers: readonly T[]): readonly (readonly T[])[] {
  return [1, layers.length, ...layers.keys().drop(2)]
    .filter((count) => count <= layers.length)
    .map((count) => layers.slice(0, count));
}

/** Without its hook a run says nothing of what was to be hidden in it. */
function unmarked({ number, what, marks }: Run): string {
  const why = marks?.failed.at(0);
  const which = `the hook of run ${number} (${what})`;
  return why === undefined
    ? `${which} left no mark: the command ignores PYTHONPATH or sitecustomize (python -I, -E, -S), or replaces them`
    : `${which} failed: ${why}`;
}

function requiring(item: Difference, all: readonly Difference[]): readonly Difference[] {
  if (item.kind !== 'added') return [];
  return all.filter((other) => other.kind === 'added' && other.slow.requires.includes(item.slow.key));
}
