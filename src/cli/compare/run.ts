import {
  type ComparedRun,
  type Comparison,
  compare,
  compareAlone,
  type Environment,
  environmentOf,
  namedBy,
  openEnvironment,
  type Side,
  suspectsOf,
} from '../../compare/index.ts';
import { durationMs } from '../../fetch/index.ts';
import { UsageError } from '../usage.ts';
import type { CompareFlags } from './options.ts';
import { Session } from './session.ts';
import { jsonOf, textLines } from './text.ts';

const EXIT_CODES: Readonly<Record<Comparison['outcome'], number>> = {
  proved: 0,
  'no difference': 1,
  unknown: 125,
};
const INTERRUPTED = 130;

/** Compares, prints, and gives the exit code. @throws UsageError, CompareError */
export async function runCompare(words: readonly string[], flags: CompareFlags): Promise<number> {
  const isAlone = flags.hide !== undefined || flags.suspects === true;
  const { sides: given, command } = isAlone ? oneIn(words) : twoIn(words);
  const variables = [flags.envA, flags.envB];
  const environments = given.length === 0 ? [environmentOf(command)] : given.map(openEnvironment);
  const sides = (await Promise.all(environments)).map((each, at) => sideOf('AB'[at]!, each, variables[at]!));
  using interrupts = new Interrupts();
  const session = new Session({
    command,
    sides: sides.flatMap(({ environment }, at) => [environment.given, ...variables[at]!]),
    maxRuns: flags.maxRuns,
    timeoutMs: durationMs(flags.timeout, '--timeout'),
    syscalls: flags.syscalls,
    resume: flags.resume,
    signal: interrupts.signal,
  });
  for (const { name, environment } of sides) console.error(`${name}  ${environment.given}`);
  const [a, b] = sides;
  const comparison =
    b === undefined
      ? await compareAlone(a!, (run) => suspectsFor(run, a!, flags), session.run)
      : await compare(a!, b, session.run);
  const told = { comparison, runs: session.runs, folder: session.folder };
  if (flags.json) console.log(JSON.stringify(jsonOf(told)));
  else console.log(textLines(told).join('\n'));
  return interrupts.signal.aborted ? INTERRUPTED : EXIT_CODES[comparison.outcome];
}

async function suspectsFor(run: ComparedRun, { environment }: Side, { hide }: CompareFlags) {
  return hide === undefined ? suspectsOf(run, environment) : [namedBy(hide, environment)];
}

interface Words {
  readonly sides: readonly string[];
  readonly command: readonly string[];
}

function twoIn([first, second, ...rest]: readonly string[]): Words {
  const command = rest[0] === '--' ? rest.slice(1) : rest;
  if (first === undefined || second === undefined || command.length === 0)
    throw new UsageError(
      'give two environments and a command: abreast compare VENV1 VENV2 -- python report.py',
    );
  return { sides: [first, second], command };
}

/** The environment before the `--`, or none: that of the command. */
function oneIn(words: readonly string[]): Words {
  const isGiven = words[1] === '--' && words.length > 2;
  if (isGiven) return { sides: [words[0]!], command: words.slice(2) };
  if (words.length === 0)
    throw new UsageError('give a command: abreast compare --suspects -- python report.py');
  return { sides: [], command: words };
}

function sideOf(name: string, environment: Environment, variables: readonly string[]): Side {
  return {
    name,
    environment,
    variables: Object.fromEntries(variables.map((each) => variableOf(name, each))),
  };
}

function variableOf(side: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`--env-${side.toLowerCase()} ${text}: give NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ctrl-C ends the run that is under way, and the comparison says what is known. */
class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort();

  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.off(name, this.#abort);
  }
}
