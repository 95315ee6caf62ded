import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { judgeTrace, type Verdict } from '../diagnose/index.ts';
import { HIDDEN, isSecretVariable, redactText } from '../trace/index.ts';
import { findCommand, type Launched, watch } from '../watch/index.ts';
import { type Distribution, type Environment, labelOf, type Place } from './environment/environment.ts';
import { CompareError } from './error.ts';
import { type Marks, readMarks } from './hide/marks.ts';
import { nodeHiding } from './hide/node.ts';
import { makeOverlay } from './hide/overlay.ts';
import { pythonHiding } from './hide/python.ts';

/** An environment, and what is changed in it for one run. */
export interface Setup {
  /** 'A' or 'B'. */
  readonly side: string;
  readonly environment: Environment;
  readonly hidden: readonly Distribution[];
  /** Distributions of the other side that come before its own. */
  readonly overlaid: readonly Distribution[];
  /** undefined: the variable is not set. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Absent: the working folder. */
  readonly cwd?: string;
}

/** What came of one run. */
export interface Run {
  readonly number: number;
  /** What ran: 'B without pyOpenSSL 19.0.0'. */
  readonly what: string;
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** From the start of the program to its end. */
  readonly seconds: number;
  readonly verdict: Verdict;
  /** null: nothing was changed in it by a hook. */
  readonly marks: Marks | null;
  /** Where the Pythons that ran in it are installed, as far as they told it. */
  readonly prefixes?: readonly string[];
  /** The last lines of both outputs. */
  readonly output: readonly string[];
  readonly trace: string;
}

export interface RunOptions {
  readonly command: readonly string[];
  /** Traces are kept here. */
  readonly folder: string;
  readonly timeoutMs: number;
  /** The file that each run reads as its standard input; absent: our own. */
  readonly input?: string | null;
  /** Names of recorders that are left out. */
  readonly without: readonly string[];
  readonly signal: AbortSignal;
}

/** `B without pyOpenSSL 19.0.0, with urllib3 1.26.0 and GRPC=x`. */
export function nameOf({ side, environment, hidden, overlaid, variables }: Setup): string {
  const set = Object.entries(variables);
  const put = [
    ...overlaid.map((each) =>
      environment.distributions.get(each.key)?.version === each.version
        ? `${labelOf(each)} (other files)`
        : labelOf(each),
    ),
    ...set.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${shownValue(name, value)}`])),
  ];
  const gone = [
    ...hidden.map(labelOf),
    ...set.flatMap(([name, value]) => (value === undefined ? [name] : [])),
  ];
  return [
    side,
    ...(gone.length > 0 ? [`without ${listed(gone)}`] : []),
    ...(put.length > 0 ? [`with ${listed(put)}`] : []),
  ].join(' ');
}

/** The value of a variable, for people and files: without secrets. */
export function shownValue(name: string, value: string): string {
  return isSecretVariable(name) ? HIDDEN : redactText(value);
}

function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' and ');
}

/** Runs the command once under watch. @throws CompareError when it can't be started */
export async function runOnce(number: number, setup: Setup, options: RunOptions): Promise<Run> {
  const { side, environment, hidden, overlaid } = setup;
  const scratch = join(options.folder, `scratch-${number}`);
  const marks = join(scratch, 'marks');
  const isHooked = hidden.length + overlaid.length > 0 || 'ABREAST_PACKAGES' in environment.variables;
  mkdirSync(marks, { recursive: true });
  try {
    const place = placeFor(setup, join(scratch, 'mirror'));
    const plain = { ...process.env, ...place.variables, ...setup.variables };
    const isMarked = isHooked || environment.prefix !== undefined;
    const variables = isMarked ? { ...plain, ...hiding(setup, scratch, marks, plain) } : plain;
    const program = { command: place.command(options.command), variables, cwd: setup.cwd };
    const ended = await watched(number, side, program, options);
    const { verdict } = await judgeTrace(ended.trace);
    const told = readMarks(marks);
    const { prefixes } = told;
    return { number, what: nameOf(setup), ...ended, verdict, prefixes, marks: isHooked ? told : null };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The variables of the hook of the environment's language. */
function hiding(
  { environment, hidden, overlaid }: Setup,
  scratch: string,
  marks: string,
  plain: NodeJS.ProcessEnv,
): Record<string, string> {
  if (environment.language === 'node') return nodeHiding({ hidden, overlaid, marks }, plain);
  const overlay = overlaid.length > 0 ? join(scratch, 'overlay') : null;
  if (overlay !== null) makeOverlay(overlay, overlaid);
  return pythonHiding({ hidden, overlay, marks }, plain);
}

/**
 * A line of a .pth file runs before the hook: where one is to be hidden, or comes from the other side, the run has a venv of
 * links without it.
 */
function placeFor({ environment, hidden, overlaid }: Setup, folder: string): Place {
  const replaced = overlaid.flatMap(({ key }) => environment.distributions.get(key) ?? []);
  const early = [...hidden, ...replaced].flatMap((each) =>
    each.files.filter((file) => /^[^/]+\.pth$/.test(file)).map((file) => join(each.folder, file)),
  );
  return (early.length > 0 ? environment.mirror(folder, new Set(early)) : null) ?? environment;
}

type Ended = Pick<Run, 'exitCode' | 'timedOut' | 'seconds' | 'output' | 'trace'>;

interface Program {
  readonly command: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  readonly cwd: string | undefined;
}

async function watched(
  number: number,
  side: string,
  { command, variables, cwd }: Program,
  { folder, timeoutMs, input, without, signal }: RunOptions,
): Promise<Ended> {
  signal.throwIfAborted();
  const word = command[0]!;
  const found = findCommand(word.includes('/') ? resolve(cwd ?? '.', word) : word, variables.PATH);
  if (!('file' in found))
    throw new CompareError(
      `${side} can't run the command: ${found.text}${cwd === undefined ? '' : `: the command runs in ${cwd}, so give the full path of what is elsewhere`}`,
    );
  const output: string[] = [];
  const ending = new Ending(timeoutMs, signal);
  const trace = join(folder, `run-${number}-${side}.jsonl`);
  const startedMs = performance.now();
  try {
    const { exitCode } = await watch({
      command: [...command],
      file: found.file,
      streams: 'piped',
      input,
      trace,
      keepUrls: false,
      without,
      environment: cwd === undefined ? variables : { ...variables, PWD: cwd },
      cwd,
      started: (program) => {
        for (const stream of [program.stdout, program.stderr]) keepLastLines(stream, output);
        ending.begin(program);
      },
    });
    signal.throwIfAborted();
    const seconds = (performance.now() - startedMs) / 1000;
    return { exitCode, timedOut: ending.isLate, seconds, output, trace };
  } finally {
    ending.over();
  }
}

const HARDER: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGKILL'];
const PATIENCE_MS = 2_000;

/** Ends a program that takes too long, or whose comparison was given up: each time with a stronger signal. */
class Ending {
  isLate = false;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #timers: NodeJS.Timeout[] = [];
  #program: Launched | undefined;

  constructor(timeoutMs: number, signal: AbortSignal) {
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  begin(program: Launched): void {
    this.#program = program;
    this.#signal.addEventListener('abort', this.#end);
    this.#timers.push(
      setTimeout(() => {
        this.isLate = true;
        this.#end();
      }, this.#timeoutMs),
    );
  }

  over(): void {
    this.#signal.removeEventListener('abort', this.#end);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  readonly #end = (): void => {
    HARDER.forEach((name, step) => {
      this.#timers.push(setTimeout(() => this.#program?.signalAll(name), step * PATIENCE_MS));
    });
  };
}

const LINES_KEPT = 20;

function keepLastLines(stream: Readable | null | undefined, lines: string[]): void {
  let rest = '';
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!.slice(-2000);
    lines.push(...parts.map((part) => part.slice(0, 500)));
    lines.splice(0, lines.length - LINES_KEPT);
  });
}
