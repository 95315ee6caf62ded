import { existsSync } from 'node:fs';
import { environmentOf, isToBeMade, openEnvironment, type Side, shownValue } from '../../compare/index.ts';
import { UsageError } from '../usage.ts';
import type { Interrupts } from './interrupts.ts';
import type { CompareFlags } from './options.ts';

/** What the user typed after the options. */
export interface Words {
  /** None: the environment is that of the command. */
  readonly sides: readonly string[];
  readonly command: readonly string[];
}

/** Two environments and a command. @throws UsageError */
export function twoIn(words: readonly string[]): Words {
  const [first, second, ...rest] = words;
  const command = rest[0] === '--' ? rest.slice(1) : rest;
  const isOne = second === '--' || words[0] === '--';
  if (first === undefined || second === undefined || command.length === 0 || isOne)
    throw new UsageError(
      `give two environments and a command: abreast compare VENV1 VENV2 -- python report.py${
        isOne ? '; with one environment, add --suspects or --hide NAME' : ''
      }`,
    );
  return { sides: [first, second], command };
}

/** The environment before the `--`, or none: that of the command. @param example of a command line @throws UsageError */
export function oneIn(words: readonly string[], example: string): Words {
  if (words[2] === '--' && words.slice(0, 2).every((each) => existsSync(each)))
    throw new UsageError(`two environments before the --, and this wants one or none: ${example}`);
  const isGiven = words[1] === '--' && words.length > 2;
  if (isGiven) return { sides: [words[0]!], command: words.slice(2) };
  if (words.length === 0) throw new UsageError(`give a command: ${example}`);
  return { sides: [], command: words };
}

/** Sides that are open, and what of the command line describes them. */
export interface Opened {
  readonly sides: readonly Side[];
  /** As the user typed it, without secrets: a comparison of something else can't be resumed. */
  readonly typed: readonly string[];
}

/**
 * Opens the environments that were named, and makes those that have to be made; null: it was interrupted.
 * @param ofCommand gives the environment where none is named
 * @throws UsageError, CompareError, StagesError
 */
export async function openSides(
  { sides, command }: Words,
  flags: CompareFlags,
  interrupts: Interrupts,
  ofCommand = environmentOf,
): Promise<Opened | null> {
  if (sides.length < 2 && flags.envB.length > 0)
    throw new UsageError('--env-b is for a second environment, and there is one');
  const variables = [flags.envA, flags.envB].map((words, at) => variablesOf('AB'[at]!, words));
  const pythons = pythonsFor(sides, flags);
  const environments = await interrupts.orEnded((signal) => {
    const making = { command, say: (what: string) => console.error(what), signal };
    if (sides.length === 0) return [ofCommand(command)];
    return sides.map((each, at) => openEnvironment(each, { ...making, python: pythons[at] }));
  });
  if (environments === null) return null;
  const [a, b] = environments;
  if (a !== undefined && b !== undefined && a.language !== b.language)
    throw new UsageError(
      `${a.given} is of ${NAMES[a.language]} and ${b.given} of ${NAMES[b.language]}: give two of one language`,
    );
  return {
    sides: environments.map((environment, at) => ({
      name: 'AB'[at]!,
      environment,
      variables: variables[at]!,
    })),
    typed: environments.flatMap(({ given }, at) => [
      given,
      ...(pythons[at] ?? []),
      ...Object.entries(variables[at]!).map(([name, value]) => `${name}=${shownValue(name, value)}`),
    ]),
  };
}

const NAMES = { python: 'Python', node: 'Node' } as const;

/** The interpreters of sides that are made; the option may not be one that has no effect. */
function pythonsFor(given: readonly string[], { python, pythonA, pythonB }: CompareFlags) {
  const named = [pythonA, pythonB];
  const idle = [
    ...(python !== undefined && !given.some(isToBeMade) ? ['--python'] : []),
    ...['--python-a', '--python-b'].filter(
      (_, at) => named[at] !== undefined && !isToBeMade(given[at] ?? ''),
    ),
  ];
  if (idle.length > 0)
    throw new UsageError(`${idle[0]} is for a side that is a requirements file or a lock file of Python`);
  return named.map((each) => each ?? python);
}

function variablesOf(side: string, words: readonly string[]): Side['variables'] {
  return Object.fromEntries(words.map((each) => variableOf(side, each)));
}

function variableOf(side: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`--env-${side.toLowerCase()} ${text}: give NAME=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}
