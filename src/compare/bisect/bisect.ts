import { existsSync } from 'node:fs';
import { StagesError } from '../../stages/index.ts';
import { contrastOf } from '../compare.ts';
import { type Contrast, LEAST_PROBABILITY, LEAST_RUNS, sideOf } from '../decide.ts';
import { asIs, type Side } from '../differences.ts';
import { type Environment, plainEnvironment } from '../environment/environment.ts';
import { CompareError } from '../error.ts';
import { isLess } from '../exact-test.ts';
import { GivenUp, nothingKnown, outcomeOf, type Runs, whyIncomplete } from '../known.ts';
import type { Run } from '../run.ts';
import type { Commit, Repository, Worktree } from './repository.ts';
import { STEP, Steps } from './steps.ts';

/** A commit that could not be tested, and why. */
export interface Skipped extends Pick<Commit, 'hash' | 'short' | 'subject'> {
  readonly why: string;
}

/** What came of a bisection. */
export interface Bisection {
  readonly outcome: 'proved' | 'no difference' | 'unknown';
  /** In one sentence, for the user. */
  readonly text: string;
  /** Which of the two ends is slow; null: not known. */
  readonly slow: 'GOOD' | 'BAD' | null;
  readonly by: Contrast['by'] | null;
  /** The first commit that is as BAD; null: not known. */
  readonly commit: Commit | null;
  /** The one before it, which is as GOOD. */
  readonly before: Commit | null;
  /** Where it is not known: the commits that may be it, as far as git could narrow them down. */
  readonly candidates: readonly Commit[];
  readonly skipped: readonly Skipped[];
  /** Numbers of the runs of `commit` and of `before`. */
  readonly proofs: { readonly commit: readonly number[]; readonly before: readonly number[] };
}

export interface BisectOptions {
  readonly repository: Repository;
  /** Runs take place in it. */
  readonly worktree: Worktree;
  readonly good: Commit;
  readonly bad: Commit;
  /** That of the commit which is checked out. Rejects with CompareError or StagesError where it can't be made. */
  readonly environment: () => Promise<Environment>;
  readonly variables: Readonly<Record<string, string>>;
  readonly runs: Runs;
  /** Told what git does. */
  readonly say: (what: string) => void;
  readonly signal: AbortSignal;
}

/** Finds by `git bisect run` the first commit that is as BAD, where GOOD and BAD differ, and runs it and the one before again. */
export async function bisect(options: BisectOptions): Promise<Bisection> {
  const search = new Bisecting(options);
  try {
    return await search.find();
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    return search.give('unknown', error.message);
  }
}

/** What a bisection learns. */
class Bisecting {
  readonly #options: BisectOptions;
  readonly #known = nothingKnown();
  readonly #made = new Map<string, Run[]>();
  readonly #skipped = new Map<string, Skipped>();
  #contrast: Contrast | undefined;
  #found: Partial<Bisection> = {};

  constructor(options: BisectOptions) {
    this.#options = options;
  }

  give(outcome: Bisection['outcome'], text: string): Bisection {
    return {
      outcome,
      text,
      slow: null,
      by: this.#contrast?.by ?? null,
      commit: null,
      before: null,
      candidates: [],
      skipped: [...this.#skipped.values()],
      proofs: { commit: [], before: [] },
      ...this.#found,
    };
  }

  async find(): Promise<Bisection> {
    const { good, bad } = this.#options;
    const told = await contrastOf(this.#sideOf(good), this.#sideOf(bad), this.#run, this.#known);
    if ('outcome' in told)
      return this.give(
        told.outcome,
        told.outcome === 'unknown' ? `${told.text} ${this.#checkout()}` : told.text,
      );
    this.#contrast = told.contrast;
    const isBadSlow = told.slow.name === bad.short;
    this.#found = { slow: isBadSlow ? 'BAD' : 'GOOD' };
    const words = isBadSlow ? { old: 'fast', new: 'slow' } : { old: 'slow', new: 'fast' };
    const first = await this.#driveGit(words.old as Like, words.new as Like);
    if (typeof first === 'string') return this.give('unknown', first);
    return this.#confirm(first, words.old as Like, words.new as Like);
  }

  /** The first commit that is like BAD, or why git can't tell. */
  async #driveGit(old: Like, isNew: Like): Promise<Commit | string> {
    const { worktree, repository, good, bad, say, signal } = this.#options;
    let step: Promise<number> = Promise.resolve(STEP.end);
    using steps = await Steps.begin(() => {
      step = this.#test(old);
      return step;
    });
    const begun = await worktree.git([
      'bisect',
      'start',
      `--term-old=${old}`,
      `--term-new=${isNew}`,
      bad.hash,
      good.hash,
    ]);
    if (begun.code !== 0) return `git bisect start says: ${begun.err || begun.out}`;
    say(begun.out.split('\n')[0] ?? '');
    const [ran] = await Promise.allSettled([worktree.git(['bisect', 'run', ...steps.command], signal)]);
    await step; // what ended it is told better by the step than by git
    if (ran.status === 'rejected') throw signal.aborted ? new GivenUp('interrupted') : ran.reason;
    const { out, err, code } = ran.value;
    return this.#resultOf(`${out}\n${err}`, code, isNew, repository);
  }

  async #resultOf(
    said: string,
    code: number | null,
    isNew: Like,
    repository: Repository,
  ): Promise<Commit | string> {
    const hash = new RegExp(`^([0-9a-f]{40,64}) is the first ${isNew} commit`, 'm').exec(said)?.[1];
    if (hash !== undefined) return repository.commit(hash);
    const [, listed = ''] = said.split(/could be any of:\n/);
    const hashes = [...listed.matchAll(/^[0-9a-f]{40,64}$/gm)].map(([each]) => each);
    if (hashes.length === 0) return `git bisect ended with ${code}: ${said.trim().split('\n').at(-1)}`;
    const candidates = await Promise.all(hashes.map((each) => repository.commit(each)));
    this.#found = { ...this.#found, candidates };
    return `the commits between the last ${isNew === 'slow' ? 'fast' : 'slow'} one and the first ${isNew} one can't be tested`;
  }

  /** Runs the found commit and the one before it once more, where one run each has decided. */
  async #confirm(commit: Commit, old: Like, isNew: Like): Promise<Bisection> {
    const before = await this.#options.repository.before(commit);
    this.#found = { ...this.#found, commit, before };
    if (before === null) return this.give('unknown', 'there is no commit before it');
    for (const [each, like] of [
      [before, old],
      [commit, isNew],
    ] as const) {
      if (this.#contrast!.by === 'verdict') await this.#runOf(each);
      const came = await this.#likeOf(each);
      if (came !== like)
        return this.give(
          'unknown',
          `${each.short} is ${came ?? 'neither fast nor slow'} when it runs again, not ${like}`,
        );
    }
    const numbers = ({ hash }: Commit) => this.#made.get(hash)!.map(({ number }) => number);
    this.#found = { ...this.#found, proofs: { commit: numbers(commit), before: numbers(before) } };
    return this.give('proved', `${commit.short} is the first ${isNew} commit`);
  }

  /** The exit code for what is checked out. */
  async #test(old: Like): Promise<number> {
    const { worktree, repository, say } = this.#options;
    const commit = await repository.commit(await worktree.head());
    say(`${commit.short} ${commit.subject}`);
    const like = await this.#likeOf(commit);
    if (like === null) return STEP.untestable;
    return like === old ? STEP.old : STEP.new;
  }

  /** Whether a commit is fast or slow, by one run, or by an exact test where only times tell; null: it can't be tested. */
  async #likeOf(commit: Commit): Promise<Like | null> {
    const contrast = this.#contrast!;
    const runs = contrast.by === 'verdict' ? 1 : LEAST_RUNS;
    while ((this.#made.get(commit.hash)?.length ?? 0) < runs) {
      const why = await this.#tryRun(commit);
      if (why === null) continue;
      this.#skipped.set(commit.hash, { ...commit, why });
      return null;
    }
    const made = this.#made.get(commit.hash)!;
    if (contrast.by === 'verdict') return this.#agreed(made, contrast);
    const times = made.map(({ seconds }) => seconds);
    if (isLess(contrast.fast, times, LEAST_PROBABILITY)) return 'slow';
    if (isLess(times, contrast.slow, LEAST_PROBABILITY)) return 'fast';
    this.#skipped.set(commit.hash, {
      ...commit,
      why: 'its times are neither those of GOOD nor those of BAD',
    });
    return null;
  }

  /** What all runs say; null where they differ. */
  #agreed(made: readonly Run[], contrast: Contrast): Like | null {
    const sides = new Set(made.map((run) => sideOf(outcomeOf(run, this.#known.answers), contrast)));
    return sides.size === 1 ? [...sides][0]! : null;
  }

  /** Runs a commit once more; says why it can't be tested, or null. */
  async #tryRun(commit: Commit): Promise<string | null> {
    try {
      const run = await this.#runOf(commit);
      return outcomeOf(run, this.#known.answers).complete ? null : whyIncomplete(run, this.#known.answers);
    } catch (error) {
      // Its program is not there yet, or its environment can't be made.
      if (error instanceof CompareError || error instanceof StagesError) return error.message;
      throw error;
    }
  }

  readonly #run: Runs = async (setup) => {
    const { good, bad } = this.#options;
    return this.#runOf(setup.side === good.short ? good : bad);
  };

  async #runOf(commit: Commit): Promise<Run> {
    const { worktree, runs } = this.#options;
    if ((await worktree.head()) !== commit.hash) await worktree.checkOut(commit);
    if (!existsSync(worktree.folder)) throw new CompareError(`${commit.short} has no such folder`);
    try {
      const environment = await this.#environment();
      const run = await runs({ ...asIs(this.#sideOf(commit)), environment, cwd: worktree.folder });
      this.#made.set(commit.hash, [...(this.#made.get(commit.hash) ?? []), run]);
      return run;
    } finally {
      await worktree.clean();
    }
  }

  async #environment(): Promise<Environment> {
    const { signal } = this.#options;
    const environment = await this.#options.environment().catch((error: unknown) => {
      throw signal.aborted ? new GivenUp('interrupted') : error;
    });
    // Python takes compiled code for that of a file of the same size and second, as another commit may have it.
    return { ...environment, variables: { ...environment.variables, PYTHONDONTWRITEBYTECODE: '1' } };
  }

  /** Where the command ran, which may be why it failed. */
  #checkout(): string {
    const hasSubmodules = this.#options.worktree.has('.gitmodules');
    const submodules = hasSubmodules
      ? '; its submodules are empty: have the command begin with git submodule update --init'
      : '';
    return `(the command runs in a checkout of the commit, which has only what git has${submodules})`;
  }

  #sideOf({ short }: Commit): Side {
    return { name: short, environment: plainEnvironment(), variables: this.#options.variables };
  }
}

type Like = 'fast' | 'slow';
