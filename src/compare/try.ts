import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixVariables } from '../watch/index.ts';
import { byTime, isOpen } from './decide.ts';
import type { Plan } from './fixes/plan.ts';
import { differenceOf, figuresOf, type Judged, judge, type Run, type Tried } from './tried.ts';

/** How a change is tried. */
export interface TryOptions {
  /** Changes that are made as well, as they were in the run before. */
  readonly kept: readonly Plan[];
  /** Runs the program in this environment. */
  readonly run: (environment: NodeJS.ProcessEnv) => Promise<Run>;
  /** How often it may run. */
  readonly mostRuns: number;
  /** Is told that only the times differ, before the program runs in turns without and with the change. */
  readonly repeats: (without: Run, changed: Run) => void;
}

/**
 * Runs the program once more with a change. Where one run says whether it helped, this is all; where that is a matter of
 * times that may differ by chance, it runs in turns until chance is below 1%.
 */
export async function tryFix(plan: Plan, before: Run, options: TryOptions): Promise<Attempt> {
  const trial = new Trial(plan, before, options);
  const after = await trial.change();
  const first = judge(plan, before, after, trial.marks);
  const judged = typeof first === 'number' ? await trial.repeat(after, first) : first;
  return { tried: triedOf(plan, trial, judged), after, runs: trial.runs, isEnded: trial.isEnded };
}

/** What came of a change, and its first run. */
export interface Attempt {
  readonly tried: Tried;
  readonly after: Run;
  /** How often the program ran. */
  readonly runs: number;
  /** A run was ended: no other follows. */
  readonly isEnded: boolean;
}

/** The runs without and with one change. */
class Trial {
  readonly without: Run[];
  readonly changed: Run[] = [];
  /** Names of changes that took effect. */
  readonly marks: string[] = [];
  readonly #plan: Plan;
  readonly #options: TryOptions;

  constructor(plan: Plan, before: Run, options: TryOptions) {
    this.without = [before];
    this.#plan = plan;
    this.#options = options;
  }

  get runs(): number {
    return this.without.length - 1 + this.changed.length;
  }

  get isEnded(): boolean {
    return [...this.without, ...this.changed].some(({ exitCode }) => exitCode === null);
  }

  async change(): Promise<Run> {
    const { run, noted } = await this.#run([...this.#options.kept, this.#plan]);
    this.changed.push(run);
    this.marks.push(...noted);
    return run;
  }

  /** Both in turns, until it is sure whether they differ by this factor. */
  async repeat(first: Run, factor: number): Promise<Judged> {
    this.#options.repeats(this.without[0]!, first);
    for (;;) {
      const [slow, fast] = this.#times();
      if (!isOpen(fast, slow, factor)) break;
      if (this.runs + 2 > this.#options.mostRuns)
        return { outcome: 'no answer', why: `${this.#ranges()}: more runs are needed to tell` };
      this.without.push((await this.#run(this.#options.kept)).run);
      await this.change();
      const failed = [...this.without, ...this.changed].find(
        (run) => differenceOf(this.without[0]!, run) !== null,
      );
      if (failed !== undefined) return { outcome: 'no answer', why: differenceOf(this.without[0]!, failed) };
    }
    const [slow, fast] = this.#times();
    return byTime(fast, slow, factor) === null
      ? { outcome: 'no help', why: `${this.#ranges()}: too little, or by chance` }
      : { outcome: 'helped', why: `${this.#ranges()}: by chance in less than 1 of 100 cases` };
  }

  #times(): readonly [slow: number[], fast: number[]] {
    const [slow, fast] = [this.without, this.changed].map((runs) =>
      runs.map(({ verdict }) => verdict.wallMs / 1000),
    );
    return [slow!, fast!];
  }

  #ranges(): string {
    const [slow, fast] = this.#times().map(
      (times) => `${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)} s`,
    );
    return `${this.without.length} runs without it took ${slow}, ${this.changed.length} with it ${fast}`;
  }

  async #run(plans: readonly Plan[]): Promise<{ readonly run: Run; readonly noted: readonly string[] }> {
    const folder = mkdtempSync(join(tmpdir(), 'abreast-try-'));
    try {
      const marks = join(folder, 'applied');
      const variables = Object.assign({}, ...plans.map((each) => each.variables));
      const changes = plans.flatMap((each) => each.changes);
      const fixes = changes.length > 0 ? fixVariables(changes, marks) : {};
      const run = await this.#options.run({ ...process.env, ...variables, ...fixes });
      return { run, noted: existsSync(marks) ? readFileSync(marks, 'utf8').split('\n') : [] };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function triedOf(
  { fix, cause, text, load }: Plan,
  { without, changed }: Trial,
  { outcome, why }: Judged,
): Tried {
  const [before, after] = [without[0]!, changed[0]!];
  return {
    fix,
    cause,
    text,
    load,
    outcome,
    why,
    before: figuresOf(before),
    after: figuresOf(after),
    timesMs: { without: without.map(wallMsOf), with: changed.map(wallMsOf) },
    predictedMs: before.verdict.possibleWallMs,
  };
}

function wallMsOf({ verdict }: Run): number {
  return verdict.wallMs;
}
