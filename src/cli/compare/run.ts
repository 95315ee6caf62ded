import {
  type ComparedRun,
  compare,
  compareAlone,
  copyOf,
  type Distribution,
  differencesOf,
  namedBy,
  type Side,
  suspectsOf,
} from '../../compare/index.ts';
import { UsageError } from '../usage.ts';
import { Interrupts } from './interrupts.ts';
import { type CompareFlags, EXIT_CODES, INTERRUPTED } from './options.ts';
import { limitsOf, Session } from './session.ts';
import { oneIn, openSides, twoIn } from './sides.ts';
import { jsonOf, textLines } from './text.ts';

/** Compares, prints, and gives the exit code. @throws UsageError, CompareError */
export async function runCompare(words: readonly string[], flags: CompareFlags): Promise<number> {
  if (flags.suspects && flags.hide !== undefined)
    throw new UsageError('--suspects and --hide do not go together');
  const isAlone = flags.hide !== undefined || flags.suspects === true;
  const given = isAlone ? oneIn(words, 'abreast compare --suspects -- python report.py') : twoIn(words);
  using interrupts = new Interrupts();
  const opened = await openSides(given, flags, interrupts);
  if (opened === null) return INTERRUPTED;
  const { sides, typed } = opened;
  const session = new Session({
    command: given.command,
    sides: typed,
    ...limitsOf(flags),
    signal: interrupts.signal,
  });
  using _input = await session.takeInput();
  for (const { name, environment } of sides) console.error(`${name}  ${environment.given}`);
  const [a, b] = sides;
  if (b !== undefined && isSame(a!, b))
    console.error('nothing that is installed or set differs between them');
  const making = { say: (what: string) => console.error(what), signal: interrupts.signal };
  const restore = (each: Distribution) => copyOf(each, a!.environment, making);
  const comparison =
    b === undefined
      ? await compareAlone(a!, (run) => suspectsFor(run, a!, flags), session.run, restore)
      : await compare(a!, b, session.run);
  const told = { comparison, runs: session.runs, folder: session.folder };
  if (flags.json) console.log(JSON.stringify(jsonOf(told)));
  else console.log(textLines(told).join('\n'));
  return interrupts.signal.aborted ? INTERRUPTED : EXIT_CODES[comparison.outcome];
}

function isSame(a: Side, b: Side): boolean {
  return differencesOf(a, b).length === 0 && a.environment.version === b.environment.version;
}

async function suspectsFor(run: ComparedRun, { environment }: Side, { hide }: CompareFlags) {
  return hide === undefined ? suspectsOf(run, environment) : [namedBy(hide, environment)];
}
