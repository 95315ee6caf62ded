import { fileName } from '../file-name.ts';
import { KNOWN, type Known } from './known.ts';

/** How many requests a command has under way at a time, as its arguments say. */
export interface CommandLimit {
  /** The program: 'xargs'. */
  readonly name: string;
  readonly mode: Known['mode'];
  /** null: as many as it likes. */
  readonly size: number | null;
  /** The option as it was given: '-P 2'; null: it was not, and this is what the program does then. */
  readonly said: string | null;
  /** The option that sets it. */
  readonly option: string;
}

/** Programs that run another one's file: the name is that of the file. */
const INTERPRETER = /^(?:python[\d.]*|pypy[\d.]*|node|bun|deno|ruby[\d.]*|perl[\d.]*|php[\d.]*|java)$/;

/** The limit of a command; undefined where its program is not known, or does not say. */
export function limitOf(argv: readonly string[], cpus: number | undefined): CommandLimit | undefined {
  const [, ...args] = program(argv);
  const name = nameOfProgram(argv);
  const of = Object.hasOwn(KNOWN, name) ? KNOWN[name]! : undefined;
  if (of === undefined || (of.only !== undefined && !of.only.includes(args[0] ?? ''))) return undefined;
  if (of.needs !== undefined && !of.needs.some((option) => isGiven(args, option, of))) return undefined;
  const given = givenFor(args, of.options, of);
  const usual = of.usual === 'cpus' ? cpus : of.usual;
  const size = given === undefined ? usual : sizeOf(given.value, cpus);
  if (size === undefined) return undefined;
  const times = of.times === undefined ? undefined : givenFor(args, of.times, of);
  const factor = Number(times?.value ?? 1) || 1;
  return {
    name,
    mode: of.mode,
    size: size === null ? null : size * factor,
    said: given === undefined && factor === 1 ? null : [given?.said, times?.said].filter(Boolean).join(' '),
    option: of.options[0]!,
  };
}

/** 'autocannon' of `node /app/node_modules/.bin/autocannon.js -c 20`. */
export function nameOfProgram(argv: readonly string[]): string {
  return fileName(program(argv)[0] ?? '').replace(/\.(?:[cm]?js|py|pl|rb|phar)$/, '');
}

/** The words from the program's own name on: `python3 -m pytest -n 4`, `node /app/autocannon.js -c 20`. */
function program(argv: readonly string[]): readonly string[] {
  const name = fileName(argv[0] ?? '');
  // `bun install` is a command of its own, `bun app.js` is not.
  const isOwn = Object.hasOwn(KNOWN, name) && KNOWN[name]!.only?.includes(argv[1] ?? '') === true;
  if (!INTERPRETER.test(name) || isOwn) return argv;
  const module = argv.indexOf('-m');
  const script = argv.findIndex((word, at) => at > 0 && !word.startsWith('-'));
  if (module > 0 && module < script) return argv.slice(module + 1);
  return script < 0 ? argv : argv.slice(script);
}

/** null: without a limit; undefined: what is said can't be read. */
function sizeOf(value: string, cpus: number | undefined): number | null | undefined {
  const percent = /^(\d+)%$/.exec(value);
  if (percent !== null) return cpus === undefined ? undefined : Math.ceil((cpus * Number(percent[1])) / 100);
  if (/^(?:auto|logical)$/.test(value)) return cpus;
  if (value === '' || value === '0') return null;
  return /^\d+$/.test(value) ? Number(value) : undefined;
}

interface Given {
  readonly value: string;
  readonly said: string;
}

/** The last one counts, as in most programs. */
function givenFor(args: readonly string[], options: readonly string[], of: Known): Given | undefined {
  let found: Given | undefined;
  for (const [at, word] of args.entries())
    for (const option of options) found = readOption(word, args[at + 1] ?? '', option, of) ?? found;
  return found;
}

/** `-P 2`, `-P2`, `-c=2`, `-rate=50/s`, `--jobs 2`, `--jobs=2`, `-0P2`, `-c http.maxRequests=2`. */
function readOption(word: string, next: string, option: string, of: Known): Given | undefined {
  const number = /^\d+%?/.exec(next)?.[0] ?? (/^(?:auto|logical)$/.test(next) ? next : '');
  if (
    word === option ||
    (isShort(option) && of.together === true && isCluster(word, option) && word.endsWith(option[1]!))
  )
    return { value: number, said: number === '' ? word : `${word} ${number}` };
  const [name, value = ''] = word.split(/=(.*)/s);
  if (name === option) return { value: /^\d+%?/.exec(value)?.[0] ?? value, said: word };
  if (!isShort(option)) return undefined;
  const glued = new RegExp(`^-${of.together === true ? '[a-zA-Z0-9]*?' : ''}${option[1]}(\\d+%?)$`).exec(
    word,
  );
  return glued === null ? undefined : { value: glued[1]!, said: word };
}

function isGiven(args: readonly string[], option: string, of: Known): boolean {
  return args.some((word) => word === option || (of.together === true && isCluster(word, option)));
}

const isShort = (option: string): boolean => /^-[a-zA-Z]$/.test(option);

/** `-sSZ`, for `-Z`. */
function isCluster(word: string, option: string): boolean {
  return isShort(option) && /^-[a-zA-Z0-9]+$/.test(word) && word.includes(option[1]!);
}
