import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { lay } from '../folder.ts';

/** Files of a commit; the first word of its message names it. */
export type Version = readonly [message: string, files: Readonly<Record<string, string>>];

/** Runs git in a folder, without the settings of whoever runs the tests. */
export function git(folder: string, ...words: string[]): string {
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
    GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
  };
  const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...who, ...words], { cwd: folder, env, encoding: 'utf8' }).trim();
}

/** Makes a repository with a commit for each version, and a tag for each that has a word like v1 in its message. */
export function layRepository(folder: string, versions: readonly Version[]): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet');
  for (const [message, files] of versions) {
    lay(folder, files);
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
    const tag = /\bv\d\b/.exec(message)?.[0];
    if (tag !== undefined) git(folder, 'tag', tag);
  }
}

/** All that a user can see of a repository: what git would show of it, in one text. */
export function stateOf(folder: string): string {
  return [
    ['status', '--porcelain=v2', '--branch', '--ignored'],
    ['for-each-ref'],
    ['worktree', 'list', '--porcelain'],
    ['config', '--list', '--local'],
    ['stash', 'list'],
    ['reflog', '--all'],
    ['diff'],
    ['count-objects'],
  ]
    .map((words) => git(folder, ...words))
    .join('\n---\n');
}
