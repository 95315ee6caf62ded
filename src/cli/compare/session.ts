import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type ComparedRun, GivenUp, keepInput, nameOf, runOnce, type Setup } from '../../compare/index.ts';
import { duration } from '../../diagnose/index.ts';
import { durationMs } from '../../fetch/index.ts';
import { redactArgv } from '../../trace/index.ts';
import { traceFolder } from '../../watch/index.ts';
import { UsageError } from '../usage.ts';
import type { CompareFlags } from './options.ts';

export interface SessionOptions {
  readonly command: readonly string[];
  /** What is compared, as the user typed it: a run of other sides can't be taken over. */
  readonly sides: readonly string[];
  readonly maxRuns: number;
  readonly timeoutMs: number;
  readonly syscalls: boolean;
  /** The folder of a comparison that was interrupted. */
  readonly resume: string | undefined;
  readonly signal: AbortSignal;
}

/** How many runs are made, how long each may take, and how. */
export function limitsOf({ maxRuns, timeout, syscalls, resume }: CompareFlags) {
  return { maxRuns, timeoutMs: durationMs(timeout, '--timeout'), syscalls, resume };
}

/**
 * The runs of one comparison: each is named before it starts, with how many may follow and how long it may take. They
 * are written down, so that another session makes none of them again.
 */
export class Session {
  /** Where traces and runs are kept. */
  readonly folder: string;
  readonly runs: ComparedRun[] = [];
  readonly #options: SessionOptions;
  #input: string | null = null;
  /** Runs of the session that is resumed, which were not asked for yet. */
  readonly #earlier: ComparedRun[];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.folder = options.resume === undefined ? newFolder() : resolve(options.resume);
    this.#earlier = options.resume === undefined ? [] : this.#read(options.resume);
  }

  /**
   * Takes what is on standard input, so that each run has it; a resumed comparison has what the first one had. The caller
   * disposes of it, which keeps it where the comparison may be resumed. @throws what aborts the comparison
   */
  async takeInput(): Promise<Disposable> {
    const { signal } = this.#options;
    const file = join(this.folder, INPUT);
    const forget = () => rmSync(file, { force: true });
    if (existsSync(file)) this.#input = file;
    else
      this.#input = await keepInput(file, (what) => console.error(what), signal).catch((error) => {
        forget();
        throw error;
      });
    return { [Symbol.dispose]: () => signal.aborted || forget() };
  }

  readonly run = async (setup: Setup): Promise<ComparedRun> => {
    const input = this.#input;
    const { command, maxRuns, timeoutMs, syscalls, signal } = this.#options;
    const run = this.#takeOver(setup);
    if (run !== undefined) return this.#add(run);
    const number = this.runs.length + 1;
    if (number > maxRuns)
      throw new GivenUp(
        `${maxRuns === 1 ? '1 run was' : `${maxRuns} runs were`} not enough: allow more with --max-runs`,
      );
    console.error(
      `run ${number} (at most ${maxRuns - number} more, ${duration(timeoutMs * 1000)} each): ${nameOf(setup)}`,
    );
    const without = syscalls ? [] : ['syscalls'];
    try {
      return this.#add(
        await runOnce(number, setup, { command, folder: this.folder, timeoutMs, input, without, signal }),
      );
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new GivenUp(
        this.runs.length === 0 ? 'interrupted' : `interrupted; go on with --resume ${this.folder}`,
      );
    }
  };

  #takeOver(setup: Setup): ComparedRun | undefined {
    const at = this.#earlier.findIndex(({ what }) => what === nameOf(setup));
    if (at === -1) return undefined;
    const [run] = this.#earlier.splice(at, 1);
    console.error(`run ${this.runs.length + 1} was made before: ${run!.what}`);
    return { ...run!, number: this.runs.length + 1 };
  }

  #add(run: ComparedRun): ComparedRun {
    this.runs.push(run);
    console.error(`  ${cameOf(run)}`);
    const { command, sides } = this.#shown();
    const file = join(this.folder, RUNS);
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ version: 1, command, sides, runs: [...this.runs, ...this.#earlier] }),
    );
    renameSync(`${file}.new`, file);
    return run;
  }

  /** What is compared, without secrets: it is kept in a file, and printed. */
  #shown(): { readonly command: readonly string[]; readonly sides: readonly string[] } {
    const { command, sides } = this.#options;
    return { command: redactArgv(command), sides };
  }

  #read(folder: string): ComparedRun[] {
    const file = join(folder, RUNS);
    if (!existsSync(file)) throw new UsageError(`--resume ${folder}: no comparison was interrupted there`);
    const { command, sides, runs } = JSON.parse(readFileSync(file, 'utf8'));
    const own = this.#shown();
    const isSame = JSON.stringify([command, sides]) === JSON.stringify([own.command, own.sides]);
    if (!isSame)
      throw new UsageError(`--resume ${folder}: it compared ${[...sides, '--', ...command].join(' ')}`);
    return runs;
  }
}

const RUNS = 'runs.json';
const INPUT = 'input';

function cameOf({ exitCode, timedOut, seconds, verdict }: ComparedRun): string {
  const { overlap, step, answered, inFlight } = verdict;
  const ended = timedOut
    ? ', ended by the time limit'
    : exitCode === 0
      ? ''
      : `, exit code ${exitCode ?? 'none'}`;
  const at = step === 'none' ? '' : ` at ${step}`;
  return `${overlap}${at}: ${answered} answers, ${inFlight.mean.toFixed(1)} in flight, ${seconds.toFixed(1)} s${ended}`;
}

/** Comparisons whose traces are kept. */
const KEPT = 5;

function newFolder(): string {
  const all = join(dirname(traceFolder()), 'compare');
  mkdirSync(all, { recursive: true, mode: 0o700 });
  const old = readdirSync(all)
    .sort()
    .slice(0, -(KEPT - 1));
  for (const name of old) rmSync(join(all, name), { recursive: true, force: true });
  const when = new Date().toISOString().replace(/[-:.]/g, '');
  const folder = join(all, `${when}-${process.pid}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}
