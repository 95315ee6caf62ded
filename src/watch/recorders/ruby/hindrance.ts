import { basename } from 'node:path';

export function isRuby(program: string): boolean {
  return /^(ruby|irb)[\d.]*$/.test(basename(program));
}

/** Options that ignore RUBYOPT (ruby --help): alone, or among others, as in `--disable=gems,rubyopt`. */
const WITHOUT_RUBYOPT = /^--disable[-=](?:.*,)?(?:rubyopt|all)\b/;

/** Why a Ruby command won't load the probe, and what to do; undefined when nothing in it says so. */
export function rubyHindrance(command: readonly string[]): string | undefined {
  const at = command.findIndex(isRuby);
  if (at === -1) return undefined;
  const found = optionsOf(command.slice(at + 1)).find((option) => WITHOUT_RUBYOPT.test(option));
  if (found === undefined) return undefined;
  return `${command[at]} ${found} ignores RUBYOPT, so the Ruby probe is not loaded: leave ${found} out`;
}

/** The words before the program's file, or its text after `-e`. */
function optionsOf(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => !word.startsWith('-') || word === '-' || word === '--');
  return end === -1 ? words : words.slice(0, end);
}
