import { StagesError } from '../stages/index.ts';
import type { Comparison } from './compare.ts';
import { byTime, isOpen, MOST_TIMED, type Outcome, SLOWER, slowerByVerdict } from './decide.ts';
import { asIs, replacedBy, type Side, sparing } from './differences.ts';
import { type Distribution, labelOf } from './environment/environment.ts';
import { CompareError } from './error.ts';
import {
  complete,
  GivenUp,
  loadedEarly,
  NO_ANSWERS,
  outcomeOf,
  type Runs,
  whyEarly,
  whyElsewhere,
  whyIncomplete,
} from './known.ts';
import type { Run } from './run.ts';

/** Distributions that are hidden together. */
export type Suspect = readonly Distribution[];

/** Gives a distribution whose files another one has replaced, as it was; rejects with CompareError or StagesError where it can't be had. */
export type Restore = (distribution: Distribution) => Promise<Distribution>;

/**
 * Finds in one environment whether something that is installed makes the program slow: hides each suspect in turn, until
 * one makes a difference, which is then shown once more each way.
 * @param suspects chosen when the first run, of the environment as it is, has been made
 */
export async function compareAlone(
  side: Side,
  suspects: (run: Run) => Promise<readonly Suspect[]>,
  runs: Runs,
  restore: Restore,
): Promise<Comparison> {
  const needed: string[] = [];
  const unseen: string[] = [];
  const early = new Set<string>();
  const give = (
    outcome: Comparison['outcome'],
    text: string,
    more: Partial<Comparison> = {},
  ): Comparison => ({
    outcome,
    text,
    slow: null,
    fast: null,
    by: null,
    set: [],
    proofs: { without: [], with: [] },
    needed,
    ...more,
  });
  try {
    const first = await runs(asIs(side));
    const answers = first.verdict.answered;
    if (!outcomeOf(first, answers).complete) return give('unknown', whyIncomplete(first, answers));
    const elsewhere = whyElsewhere(first, side.environment);
    if (elsewhere !== null) return give('unknown', elsewhere);
    if (answers === 0) return give('unknown', NO_ANSWERS);
    const tried = await suspects(first);
    if (tried.length === 0) return give('no difference', 'nothing that is installed is suspected');
    for (const suspect of tried) {
      const hiding = new Hiding(side, suspect, answers, runs, first, await restored(side, suspect, restore));
      const found = await hiding.decide();
      if (found === 'needed') needed.push(...suspect.map(labelOf));
      else if (found === null) {
        unseen.push(...hiding.unseen());
        for (const name of hiding.early()) early.add(name);
      } else return give('proved', `${suspect.map(labelOf).join(' and ')} makes the difference`, found);
    }
    if (needed.length > 0 && needed.length >= tried.flat().length)
      return give('unknown', 'the program fails without what was hidden');
    if (early.size > 0) return give('unknown', whyEarly([...early]));
    if (unseen.length > 0)
      return give('unknown', `nothing is installed as ${unseen.join(' or ')}, and nobody imports it`);
    return give('no difference', `no difference without ${tried.flat().map(labelOf).join(', or without ')}`);
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    return give('unknown', error.message);
  }
}

/** What has to come in the place of a suspect that lies over the modules of others. */
async function restored(
  { environment }: Side,
  suspect: Suspect,
  restore: Restore,
): Promise<readonly Distribution[]> {
  try {
    return await Promise.all(replacedBy(suspect, environment).map(restore));
  } catch (error) {
    if (!(error instanceof CompareError || error instanceof StagesError)) throw error;
    throw new GivenUp(`${suspect.map(labelOf).join(' and ')} can't be hidden: ${error.message}`);
  }
}

/** The runs with and without one suspect. */
class Hiding {
  readonly #side: Side;
  readonly #suspect: Suspect;
  readonly #answers: number;
  readonly #runs: Runs;
  readonly #as: Run[];
  readonly #without: Run[] = [];
  readonly #restored: readonly Distribution[];

  constructor(
    side: Side,
    suspect: Suspect,
    answers: number,
    runs: Runs,
    first: Run,
    restored: readonly Distribution[],
  ) {
    this.#restored = restored;
    this.#side = side;
    this.#suspect = suspect;
    this.#answers = answers;
    this.#runs = runs;
    this.#as = [first];
  }

  /** What it shows; null: no difference. */
  async decide(): Promise<Partial<Comparison> | 'needed' | null> {
    const gone = await this.#runWithout();
    if (!gone.complete) return 'needed';
    const slower = slowerByVerdict(this.#outcome(this.#as[0]!), gone);
    if (slower !== null) {
      this.#as.push(await this.#runs(asIs(this.#side)));
      const again = slowerByVerdict(this.#outcome(this.#as.at(-1)!), await this.#runWithout());
      if (again === slower) return this.#shown(slower === 'one', 'verdict');
      const numbers = [...this.#as, ...this.#without].map(({ number }) => number).sort((a, b) => a - b);
      throw new GivenUp(
        `runs ${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)} contradict each other: the program changes from run to run`,
      );
    }
    const ratio = this.#as[0]!.seconds / gone.seconds;
    if (ratio < SLOWER && ratio > 1 / SLOWER) return null;
    return this.#decideByTime();
  }

  /** Names that were hidden and are those of nothing that is installed, nor of a module that was imported. */
  unseen(): readonly string[] {
    const asked = this.#without.flatMap(({ marks }) => marks?.asked ?? []);
    return this.#suspect.flatMap(({ folder, name }) => (folder === '' && !asked.includes(name) ? name : []));
  }

  /** What was loaded before it could be hidden. */
  early(): readonly string[] {
    return this.#without.flatMap((run) => loadedEarly(run, this.#suspect));
  }

  async #decideByTime(): Promise<Partial<Comparison> | null> {
    const isSlower = this.#as[0]!.seconds > this.#without[0]!.seconds;
    const [fast, slow] = isSlower ? [this.#without, this.#as] : [this.#as, this.#without];
    const times = (made: readonly Run[]) => made.map(({ seconds }) => seconds);
    while (fast.length < MOST_TIMED && isOpen(times(fast), times(slow))) {
      this.#as.push(complete(await this.#runs(asIs(this.#side)), this.#answers));
      await this.#runWithout();
      complete(this.#without.at(-1)!, this.#answers);
    }
    return byTime(times(fast), times(slow)) === null ? null : this.#shown(isSlower, 'time');
  }

  async #runWithout(): Promise<Outcome> {
    const run = await this.#runs({
      ...asIs(this.#side),
      hidden: sparing(this.#suspect, this.#restored, this.#side.environment),
      overlaid: this.#restored,
    });
    if (run.marks !== null && !run.marks.ran)
      throw new GivenUp(`the hook of run ${run.number} (${run.what}) left no mark, so nothing was hidden`);
    this.#without.push(run);
    return this.#outcome(run);
  }

  #outcome(run: Run): Outcome {
    return outcomeOf(run, this.#answers);
  }

  /** What is there makes it slow, or what would be missing does. */
  #shown(isSlowWithIt: boolean, by: 'verdict' | 'time'): Partial<Comparison> {
    const { name } = this.#side;
    const [as, gone] = [this.#as, this.#without].map((made) => made.map(({ number }) => number));
    return {
      slow: name,
      fast: name,
      by,
      set: this.#suspect.map((each) =>
        isSlowWithIt ? { kind: 'added', slow: each } : { kind: 'missing', fast: each },
      ),
      proofs: isSlowWithIt ? { without: gone!, with: as! } : { without: as!, with: gone! },
    };
  }
}
