import { byTime, byVerdict, type Contrast, isOpen, MOST_TIMED, SLOWER, slowerByVerdict } from './decide.ts';
import { areAbsent, asIs, type Difference, differencesOf, type Side } from './differences.ts';
import {
  complete,
  GivenUp,
  type Known,
  NO_ANSWERS,
  nothingKnown,
  outcomeOf,
  type Runs,
  whyEarly,
  whyElsewhere,
  whyIncomplete,
} from './known.ts';
import type { Run } from './run.ts';
import { Search } from './search.ts';

/** What came of a comparison. */
export interface Comparison {
  readonly outcome: 'proved' | 'no difference' | 'unknown';
  /** In one sentence, for the user. */
  readonly text: string;
  /** The names of the sides; null: not known. */
  readonly slow: string | null;
  readonly fast: string | null;
  readonly by: Contrast['by'] | null;
  /** The smallest set that makes the difference, as far as it is known. */
  readonly set: readonly Difference[];
  /** Numbers of the runs that prove it. */
  readonly proofs: { readonly without: readonly number[]; readonly with: readonly number[] };
  /** Distributions that the program can't do without. */
  readonly needed: readonly string[];
}

/** Finds which differences of two sides make one of them slow, and proves it. */
export async function compare(a: Side, b: Side, runs: Runs): Promise<Comparison> {
  const known = nothingKnown();
  const give = (outcome: Comparison['outcome'], text: string): Comparison => {
    const { needed, slow, fast, by, set, proofs } = known;
    return { outcome, text, slow, fast, by, set, proofs, needed: [...needed] };
  };
  try {
    return await find(a, b, runs, known, give);
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    return give('unknown', error.message);
  }
}

type Give = (outcome: Comparison['outcome'], text: string) => Comparison;

async function find(a: Side, b: Side, runs: Runs, known: Known, give: Give): Promise<Comparison> {
  const told = await contrastOf(a, b, runs, known);
  if ('outcome' in told) return give(told.outcome, told.text);
  const { slow, fast, contrast } = told;
  Object.assign(known, { slow: slow.name, fast: fast.name, by: contrast.by });
  const differences = differencesOf(slow, fast);
  const search = new Search({ slow, fast, contrast, runs, known });
  const set = await search.find(differences);
  if (set === null) {
    const early = [...known.early];
    if (early.length > 0) return give('unknown', `${slow.name} is slow, and ${whyEarly(early)}`);
    return proveInterpreter(told, search, differences, give);
  }
  const wrong = await search.prove(set);
  if (wrong !== null) return give('unknown', wrong);
  const [fastWay, slowWay] = areAbsent(set) ? ['with', 'without'] : ['without', 'with'];
  return give('proved', `${fastWay} it, ${slow.name} is fast; ${slowWay} it, ${fast.name} is slow`);
}

/** Where nothing that can be changed matters, the interpreters are left. */
async function proveInterpreter(
  { slow, fast }: Told,
  search: Search,
  differences: readonly Difference[],
  give: Give,
): Promise<Comparison> {
  const [own, other] = [slow.environment.version, fast.environment.version];
  const what =
    differences.length === 0
      ? 'nothing that is installed or set differs'
      : 'it stays so without any of what could be taken out of it';
  // Where the interpreters alone differ, their proof makes these runs.
  const changing = own === other || differences.length > 0 ? await search.repeatSides() : null;
  if (changing !== null) return give('unknown', changing);
  if (own === other) return give('unknown', `${slow.name} is slow, and ${what}`);
  const wrong = await search.proveInterpreter(differences);
  if (wrong !== null)
    return give(
      'unknown',
      `${wrong}; the interpreters differ: ${own} on ${slow.name}, ${other} on ${fast.name}`,
    );
  return give(
    'proved',
    `${slow.name} is slow with the interpreter ${own}, ${fast.name} is fast with ${other}`,
  );
}

/** Sides of which one is slow. */
export type Told = { readonly slow: Side; readonly fast: Side; readonly contrast: Contrast };

/** Runs both sides until they can be told apart, or can't. */
export async function contrastOf(
  a: Side,
  b: Side,
  runs: Runs,
  known: Known,
): Promise<Told | { readonly outcome: 'no difference' | 'unknown'; readonly text: string }> {
  const [ofA, ofB] = [[await runs(asIs(a))], [await runs(asIs(b))]];
  const answers = Math.max(ofA[0]!.verdict.answered, ofB[0]!.verdict.answered);
  known.answers = answers;
  for (const run of [ofA[0]!, ofB[0]!]) {
    if (!outcomeOf(run, answers).complete) return { outcome: 'unknown', text: whyIncomplete(run, answers) };
  }
  const elsewhere = whyElsewhere(ofA[0]!, a.environment) ?? whyElsewhere(ofB[0]!, b.environment);
  if (elsewhere !== null) return { outcome: 'unknown', text: elsewhere };
  if (answers === 0) return { outcome: 'unknown', text: NO_ANSWERS };
  const [first, second] = [outcomeOf(ofA[0]!, answers), outcomeOf(ofB[0]!, answers)];
  const slower = slowerByVerdict(first, second);
  if (slower === 'one') return { slow: a, fast: b, contrast: byVerdict(second, first) };
  if (slower === 'other') return { slow: b, fast: a, contrast: byVerdict(first, second) };
  const ratio = first.seconds / second.seconds;
  if (ratio < SLOWER && ratio > 1 / SLOWER)
    return {
      outcome: 'no difference',
      text: `no difference: both are ${first.verdict.overlap}, ${first.seconds.toFixed(1)} s and ${second.seconds.toFixed(1)} s`,
    };
  const [slow, fast] = ratio > 1 ? [a, b] : [b, a];
  const [ofSlow, ofFast] = ratio > 1 ? [ofA, ofB] : [ofB, ofA];
  while (ofFast.length < MOST_TIMED && isOpen(secondsOf(ofFast), secondsOf(ofSlow))) {
    ofA.push(complete(await runs(asIs(a)), answers));
    ofB.push(complete(await runs(asIs(b)), answers));
  }
  const contrast = byTime(secondsOf(ofFast), secondsOf(ofSlow));
  if (contrast === null)
    return {
      outcome: 'no difference',
      text: 'no difference that is surer than chance: the times of the sides overlap',
    };
  return { slow, fast, contrast };
}

function secondsOf(runs: readonly Run[]): number[] {
  return runs.map(({ seconds }) => seconds);
}
