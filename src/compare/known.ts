import type { Contrast, Outcome } from './decide.ts';
import type { Difference } from './differences.ts';
import { type Distribution, type Environment, labelOf } from './environment/environment.ts';
import type { Run, Setup } from './run.ts';

/** Makes one run. Rejects with `GivenUp` when none is left of those that the user allows. */
export type Runs = (setup: Setup) => Promise<Run>;

/** The comparison ends before it has found anything; the message says why. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** What is known so far: told also where the comparison is interrupted. */
export interface Known {
  /** Names of the sides. */
  slow: string | null;
  fast: string | null;
  by: Contrast['by'] | null;
  /** How many answers a complete run has. */
  answers: number;
  /** The smallest set so far without which the slow side is fast. */
  set: readonly Difference[];
  /** Numbers of the runs that show it. */
  readonly proofs: { without: readonly number[]; with: readonly number[] };
  /** Names of distributions that the program can't do without. */
  readonly needed: Set<string>;
  /** Names of distributions that were loaded before they could be hidden, so that nothing is known of them. */
  readonly early: Set<string>;
}

/** Before the first run. */
export function nothingKnown(): Known {
  return {
    slow: null,
    fast: null,
    by: null,
    answers: 0,
    set: [],
    proofs: { without: [], with: [] },
    needed: new Set(),
    early: new Set(),
  };
}

/** Of what a run was to hide, what was loaded before its hook. */
export function loadedEarly({ marks }: Run, hidden: readonly Distribution[]): readonly string[] {
  const loaded = marks?.loaded ?? [];
  const isLoaded = (module: string) =>
    loaded.some((name) => name === module || name.startsWith(`${module}.`));
  return hidden.filter(({ modules }) => modules.some(isLoaded)).map(labelOf);
}

/** Why nothing is known of these. */
export function whyEarly(names: readonly string[]): string {
  return `${names.join(', ')} can't be hidden: a .pth file that can't be left out loads it at the start of Python`;
}

/** Whether a run did its work: its program ended well, with as many answers as on the other side. */
export function outcomeOf({ exitCode, timedOut, seconds, verdict }: Run, answers: number): Outcome {
  return { complete: exitCode === 0 && !timedOut && verdict.answered >= answers, seconds, verdict };
}

/** The run. @throws GivenUp when it did not do its work: it is neither fast nor slow */
export function complete(run: Run, answers: number): Run {
  if (!outcomeOf(run, answers).complete) throw new GivenUp(whyIncomplete(run, answers));
  return run;
}

/** Why a run is neither fast nor slow. */
export function whyIncomplete(
  { number, what, exitCode, timedOut, verdict, output }: Run,
  answers: number,
): string {
  const which = `run ${number} (${what})`;
  const said = reasonIn(output);
  if (timedOut) return `${which} took too long and was ended: give it more with --timeout`;
  if (exitCode !== 0) return `${which} ends with ${exitCode ?? 'a signal'}: ${said ?? 'it says nothing'}`;
  return `${which} had ${verdict.answered} of ${answers} answers: requests failed, or it had them from elsewhere, such as a cache that an earlier run filled`;
}

/** The last line, which names the error; Node prints the error first, then its stack and its version. */
function reasonIn(output: readonly string[]): string | undefined {
  const last = output.findLast((line) => line.trim() !== '');
  if (!/^Node\.js v\d/.test(last ?? '')) return last;
  return output.findLast((line) => /^\w*Error\b.*:/.test(line)) ?? last;
}

/** Why a run of a side as it is says nothing of it: other Pythons ran than the side's own. null: its own did, or none. */
export function whyElsewhere(
  { number, what, prefixes = [] }: Run,
  { prefix, given }: Environment,
): string | null {
  if (prefix === undefined || prefixes.length === 0 || prefixes.includes(prefix)) return null;
  return `run ${number} (${what}) used the Python of ${[...new Set(prefixes)].join(' and ')} instead of that of ${given}: start \`python\` in the command; a full path, a venv that it activates and tools such as poetry choose another one`;
}

/** Why runs that end well tell nothing all the same. */
export const NO_ANSWERS =
  'no run had an answer that abreast saw: the requests failed, or the program makes none that it can see (python -I, -E and -S keep its probe out; abreast watch says what is seen)';
