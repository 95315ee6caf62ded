import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { type Ended, runChild } from '../../stages/index.ts';
import { CompareError } from '../error.ts';

/** A commit, and what people call it. */
export interface Commit {
  readonly hash: string;
  /** The hash, as short as is clear. */
  readonly short: string;
  readonly subject: string;
  readonly author: string;
  /** '2026-11-29'. */
  readonly date: string;
}

/** The variables with which git would look at another repository than the one of a folder. */
const STRAY = /^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|NAMESPACE|PREFIX)$/;

/** Runs git to its end, in a language that can be read. Hooks of the user do not run for what is no work of theirs. */
async function git(folder: string, words: readonly string[], signal?: AbortSignal): Promise<Ended> {
  const kept = Object.entries(process.env).filter(([name]) => !STRAY.test(name));
  const env = { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' };
  const command = [
    'git',
    '-c',
    'core.hooksPath=/dev/null',
    '-c',
    'gc.auto=0',
    '-c',
    'log.showSignature=false',
    ...words,
  ];
  try {
    return await runChild(command, { cwd: folder, env, ...(signal && { signal }) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new CompareError('--bisect needs git, and there is none on PATH');
  }
}

/** The repository that a folder is in. */
export class Repository {
  readonly #top: string;
  /** The user's current folder, relative to the repository; the command runs in the same one. */
  readonly #within: string;

  private constructor(top: string, within: string) {
    this.#top = top;
    this.#within = within;
  }

  /** @throws CompareError where the folder is in none */
  static async of(folder: string): Promise<Repository> {
    const { code, out, err } = await git(folder, ['rev-parse', '--show-toplevel']);
    if (code !== 0 || out === '')
      throw new CompareError(
        `--bisect: ${folder} is in no working copy of git: ${firstLine(err) || 'it is bare'}`,
      );
    return new Repository(out, relative(out, realpathSync(folder)));
  }

  /** Whether git has a file of the working copy, so that each commit has its own. */
  async has(file: string): Promise<boolean> {
    return (await git(this.#top, ['ls-files', '--error-unmatch', '--', file])).code === 0;
  }

  /** The commits of GOOD..BAD, and how many are after GOOD, up to BAD. @throws CompareError when it names none */
  async range(
    text: string,
  ): Promise<{ readonly good: Commit; readonly bad: Commit; readonly count: number }> {
    const [, from, to] = /^(.*[^.])\.\.([^.].*)?$/.exec(text) ?? [];
    if (from === undefined)
      throw new CompareError(`--bisect ${text}: give two commits as GOOD..BAD, for instance v1.0..HEAD`);
    const [good, bad] = [await this.commit(from), await this.commit(to ?? 'HEAD')];
    const { out } = await git(this.#top, ['rev-list', '--count', `${good.hash}..${bad.hash}`]);
    if (Number(out) === 0)
      throw new CompareError(`--bisect ${text}: no commit comes after ${from} and up to ${to ?? 'HEAD'}`);
    return { good, bad, count: Number(out) };
  }

  /** @throws CompareError when there is no such commit */
  async commit(name: string): Promise<Commit> {
    const words = [
      'log',
      '-1',
      '--format=%H%n%h%n%an%n%as%n%s',
      '--end-of-options',
      `${name}^{commit}`,
      '--',
    ];
    const { code, out } = await git(this.#top, words);
    if (code !== 0) throw new CompareError(`--bisect: there is no commit ${name} in ${this.#top}`);
    const [hash = '', short = '', author = '', date = '', ...subject] = out.split('\n');
    return { hash, short, author, date, subject: subject.join(' ') };
  }

  /** The commit before this one, along its first parents; null: it is the first of all. */
  async before({ hash }: Commit): Promise<Commit | null> {
    const { out } = await git(this.#top, ['rev-list', '--parents', '-1', hash]);
    const parent = out.split(' ')[1];
    return parent === undefined ? null : this.commit(parent);
  }

  /** Another working copy, which is there until it is disposed of. Those that killed processes left are removed first. */
  async worktree(): Promise<Worktree> {
    await this.#removeStale();
    const path = join(mkdtempSync(join(tmpdir(), SCRATCH)), `${NAME}${process.pid}`);
    const { code, err } = await git(this.#top, [
      'worktree',
      'add',
      '--detach',
      '--no-checkout',
      path,
      'HEAD',
    ]);
    if (code === 0) return new Worktree(this.#top, path, this.#within);
    rmSync(dirname(path), { recursive: true, force: true });
    throw new CompareError(`--bisect: git can't add a worktree: ${firstLine(err)}`);
  }

  async #removeStale(): Promise<void> {
    const { out } = await git(this.#top, ['worktree', 'list', '--porcelain']);
    const paths = out.split('\n').flatMap((line) => (line.startsWith('worktree ') ? line.slice(9) : []));
    for (const path of paths) {
      const pid = new RegExp(`^${NAME}(\\d+)$`).exec(basename(path))?.[1];
      if (pid !== undefined && !isRunning(Number(pid))) await removeWorktree(this.#top, path);
    }
  }
}

const SCRATCH = 'abreast-bisect-';
const NAME = 'abreast-worktree-';

/** A working copy beside that of the user, with a HEAD and a bisection of its own. */
export class Worktree implements AsyncDisposable {
  readonly #top: string;
  readonly #path: string;
  readonly #within: string;

  constructor(top: string, path: string, within: string) {
    this.#top = top;
    this.#path = path;
    this.#within = within;
  }

  /** Its folder that corresponds to the user's current one. */
  get folder(): string {
    return join(this.#path, this.#within);
  }

  /** Where it has a folder of the user's working copy; null: that is none of them. */
  placeOf(folder: string): string | null {
    const within = relative(this.#top, folder);
    return within.startsWith('..') || isAbsolute(within) ? null : join(this.#path, within);
  }

  /** Whether the commit that is checked out has a file, at the top of the repository. */
  has(name: string): boolean {
    return existsSync(join(this.#path, name));
  }

  /** Runs git in it. */
  git(words: readonly string[], signal?: AbortSignal): Promise<Ended> {
    return git(this.#path, words, signal);
  }

  /** @throws CompareError when git does not */
  async checkOut({ hash, short }: Commit): Promise<void> {
    const { code, err } = await this.git(['checkout', '--quiet', '--force', '--detach', hash]);
    if (code !== 0) throw new CompareError(`--bisect: git can't check out ${short}: ${firstLine(err)}`);
  }

  /** As it was checked out: what a program has written or changed is gone. */
  async clean(): Promise<void> {
    await this.git(['reset', '--quiet', '--hard']);
    await this.git(['clean', '-ffdxq']);
  }

  /** The hash of what is checked out. */
  async head(): Promise<string> {
    return (await this.git(['rev-parse', 'HEAD'])).out;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeWorktree(this.#top, this.#path);
  }
}

async function removeWorktree(top: string, path: string): Promise<void> {
  await git(top, ['worktree', 'remove', '--force', path]);
  if (basename(dirname(path)).startsWith(SCRATCH)) rmSync(dirname(path), { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function firstLine(text: string): string {
  return (text.trim().split('\n')[0] ?? '').replace(/^fatal: /, '');
}
