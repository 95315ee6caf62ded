import { basename } from 'node:path';

/** A pause between requests that the arguments of a command ask for. */
export interface Pause {
  readonly name: string;
  /** The option as it was given: '--wait=0.3'. */
  readonly said: string;
}

const PAUSES: Readonly<Record<string, RegExp>> = {
  curl: /^--rate(?:=|$)/,
  httrack: /^-(?:%c|c%)\d/,
  wget: /^(?:-w(?:\d|$)|--wait(?:=|$)|--random-wait$)/,
  wget2: /^(?:-w(?:\d|$)|--wait(?:=|$)|--random-wait$)/,
};

/** The pause that a command's arguments ask for; undefined: none. */
export function pauseOf(argv: readonly string[]): Pause | undefined {
  const name = basename(argv[0] ?? '');
  const option = Object.hasOwn(PAUSES, name) ? PAUSES[name]! : undefined;
  const at = option === undefined ? -1 : argv.findIndex((word) => option.test(word));
  if (at < 0) return undefined;
  const value = /[=\d]|^--random/.test(argv[at]!) ? '' : ` ${argv[at + 1] ?? ''}`;
  return { name, said: `${argv[at]}${value}` };
}
