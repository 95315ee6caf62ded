import { nameOfProgram } from './arguments.ts';

/** A pause between requests that the arguments of a command ask for. */
export interface Pause {
  readonly name: string;
  /** The option as it was given: '--wait=0.3'. */
  readonly said: string;
}

const OF_WGET = /^(?:-w(?:\d|$)|--wait(?:=|$)|--random-wait$)/;
const PAUSES: Readonly<Record<string, RegExp>> = {
  curl: /^--rate(?:=|$)/,
  httrack: /^-(?:%c|c%)\d/,
  wget: OF_WGET,
  wget2: OF_WGET,
};

/** The pause that a command's arguments ask for; undefined: none. */
export function pauseOf(argv: readonly string[]): Pause | undefined {
  const name = nameOfProgram(argv);
  const option = Object.hasOwn(PAUSES, name) ? PAUSES[name]! : undefined;
  const at = option === undefined ? -1 : argv.findIndex((word) => option.test(word));
  if (at < 0) return undefined;
  const value = /[=\d]|^--random/.test(argv[at]!) ? '' : ` ${argv[at + 1] ?? ''}`;
  return { name, said: `${argv[at]}${value}` };
}
