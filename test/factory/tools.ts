import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environment } from '../watch/python/environments.ts';
import { NO_RUBY, rubies } from '../watch/ruby/rubies.ts';
import type { Text } from './programs/text.ts';

/** A command that a program of a language is run by, with what it needs in its environment; or why there is none here. */
export type Tool =
  | { readonly command: string; readonly variables: NodeJS.ProcessEnv }
  | { readonly skip: string };

const found = new Map<Text['language'], Tool>();

/** Looked for once, and set up where that can be done. */
export function toolOf(language: Text['language']): Tool {
  let tool = found.get(language);
  if (tool === undefined) {
    tool = FINDERS[language]();
    found.set(language, tool);
  }
  return tool;
}

const FINDERS: Readonly<Record<Text['language'], () => Tool>> = {
  python: () => {
    const made = environment('py312');
    return 'skip' in made ? made : { command: made.path, variables: { PYTHONDONTWRITEBYTECODE: '1' } };
  },
  node: () => ({
    command: process.execPath,
    variables: { NODE_PATH: fileURLToPath(new URL('../../node_modules', import.meta.url)) },
  }),
  ruby: () => {
    const ruby = rubies().at(0);
    return ruby === undefined ? { skip: NO_RUBY } : { command: ruby.path, variables: {} };
  },
  shell: () =>
    spawnSync('curl', ['--version']).status === 0
      ? { command: 'bash', variables: {} }
      : { skip: 'no curl: scripts/system.sh' },
};
