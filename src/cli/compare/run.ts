import { type Comparison, compare, openEnvironment, type Side } from '../../compare/index.ts';
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
  const [first, second, ...rest] = words;
  const command = rest[0] === '--' ? rest.slice(1) : rest;
  if (first === undefined || second === undefined || command.length === 0)
    throw new UsageError(
      'give two environments and a command: abreast compare VENV1 VENV2 -- python report.py',
    );
  const [a, b] = [await sideOf('A', first, flags.envA), await sideOf('B', second, flags.envB)];
  using interrupts = new Interrupts();
  const session = new Session({
    command,
    sides: [first, ...flags.envA, second, ...flags.envB],
    maxRuns: flags.maxRuns,
    timeoutMs: durationMs(flags.timeout, '--timeout'),
    syscalls: flags.syscalls,
    resume: flags.resume,
    signal: interrupts.signal,
  });
  console.error(`A  ${first}\nB  ${second}`);
  const comparison = await compare(a, b, session.run);
  const told = { comparison, runs: session.runs, folder: session.folder };
  if (flags.json) console.log(JSON.stringify(jsonOf(told)));
  else console.log(textLines(told).join('\n'));
  return interrupts.signal.aborted ? INTERRUPTED : EXIT_CODES[comparison.outcome];
}

async function sideOf(name: string, given: string, variables: readonly string[]): Promise<Side> {
  const environment = await openEnvironment(given);
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
