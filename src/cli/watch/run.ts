import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Judged } from '../../diagnose/index.ts';
import { elsewhere, findCommand, newTrace, traceFolder, watch, writeKit } from '../../watch/index.ts';
import { refuseUnwritable as refuseUnwritablePage, writeHtml } from '../html.ts';
import { UsageError } from '../usage.ts';
import { EndsOnSignals } from './ends.ts';
import { liveView } from './live.ts';
import type { WatchFlags } from './options.ts';
import type { RunAgain } from './try.ts';
import { exitCodeOf, jsonOf, judgeAndTell, judgeFile, judgeOptions, tellJson, tellText } from './verdict.ts';

/** Does what a command line of watch says, and leaves its exit code, or dies of the program's signal. */
export async function runWatch(words: readonly string[], flags: WatchFlags): Promise<void> {
  if (flags.yes && !flags.try) throw new UsageError('--yes is for --try');
  if (flags.har !== undefined) {
    const judged = await judgeAndTell(flags.har, flags);
    await writePageOf(flags.har, judged, flags);
    process.exitCode = exitCodeOf(judged);
  } else if (flags.kit !== undefined) {
    for (const path of kitAt(flags.kit)) console.log(path);
  } else if (words.length === 0) {
    throw new UsageError('say which command to watch: abreast watch -- python report.py');
  } else await watchCommand(words, flags);
}

async function watchCommand(words: readonly string[], flags: WatchFlags): Promise<void> {
  const file = startable(words);
  if (file === null) return;
  const trace = flags.trace ?? traceFor(words);
  refuseUnwritable(trace);
  if (flags.html !== undefined) refuseUnwritablePage(flags.html);
  using input = flags.try ? await inputFor() : null;
  const started = { words, file, flags, input: input?.file ?? null };
  const { exitCode, signal, tookMs, isInterrupted } = await watchOnce({ ...started, trace });
  if (signal !== null)
    console.error(`abreast watch: ${signal} ended the program: what was open then was not seen to end`);
  const judged = await judgeFile(trace, flags);
  if (!flags.try) tellJson(jsonOf(judged), flags);
  await tellText(trace, judged);
  await writePageOf(trace, judged, flags);
  if (signal !== null) {
    input?.[Symbol.dispose]();
    dieOf(signal);
  } else process.exitCode = exitCode || exitCodeOf(judged);
  if (!flags.try) return;
  const { tryFixes } = await import('./try.ts');
  const first = { verdict: judged.verdict, exitCode, tookMs };
  const isWhole = signal === null && !isInterrupted;
  const tried = isWhole ? await tryFixes(first, runAgain(started, tookMs), flags) : [];
  tellJson({ ...jsonOf(judged), tried }, flags);
}

/** What several runs read as their standard input, in a file that is removed at the end. null: each has our own. */
async function inputFor(): Promise<({ readonly file: string } & Disposable) | null> {
  const { keepInput } = await import('../../compare/index.ts');
  const folder = mkdtempSync(join(tmpdir(), 'abreast-input-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const say = (what: string) => console.error(`abreast watch --try: ${what}`);
  const file = await keepInput(join(folder, 'input'), say, new AbortController().signal);
  if (file === null) remove();
  return file === null ? null : { file, [Symbol.dispose]: remove };
}

/** A command that can be started. */
interface Started {
  readonly words: readonly string[];
  readonly file: string;
  readonly flags: WatchFlags;
  /** What it reads as its standard input; null: our own. */
  readonly input: string | null;
}

interface OneRun extends Started {
  readonly trace: string;
  /** Ours, if it is absent. */
  readonly environment?: NodeJS.ProcessEnv;
}

interface Ended {
  /** 0 where `--for` ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tookMs: number;
  readonly byTime: boolean;
  readonly isInterrupted: boolean;
}

/** Runs the command under its recorders. */
async function watchOnce({ words, file, flags, input, trace, environment }: OneRun): Promise<Ended> {
  const ends = new EndsOnSignals(flags.for);
  const streams = flags.json ? 'output to stderr' : 'own';
  const view = flags.live ? liveView(streams) : undefined;
  const fromMs = performance.now();
  let endedMs = fromMs;
  const { exitCode, signal } = await watch({
    command: words,
    file,
    streams: view?.streams ?? streams,
    input,
    trace,
    keepUrls: flags.keepUrls ?? false,
    without: flags.syscalls ? [] : ['syscalls'],
    ...(environment !== undefined && { environment }),
    ...(flags.wanted !== undefined && { wanted: flags.wanted }),
    ...(view !== undefined && { live: view.live }),
    started: (program) => {
      ends.begin(program);
      view?.begin(program);
      const ended = () => {
        endedMs = performance.now();
      };
      program.done.then(ended, ended);
    },
  }).finally(() => view?.end());
  ends.over();
  const tookMs = endedMs - fromMs;
  const { byTime, isInterrupted } = ends;
  const how = { tookMs, byTime, isInterrupted };
  return byTime ? { exitCode: 0, signal: null, ...how } : { exitCode, signal, ...how };
}

/** A run with a change may take so many times longer than the one without it before it is ended, and so much more. */
const MOST_TIMES = 10;
const SPARE_MS = 30_000;

/** Runs a command again, into a trace of its own. What a change hangs up does not hang for ever. */
function runAgain({ words, file, flags, input }: Started, firstMs: number): RunAgain {
  return async (environment) => {
    const trace = traceFor(words);
    const most = flags.for ?? `${Math.ceil(MOST_TIMES * firstMs + SPARE_MS)}ms`;
    const { exitCode, signal, tookMs, byTime, isInterrupted } = await watchOnce({
      words,
      file,
      flags: { ...flags, for: most },
      input,
      trace,
      environment,
    });
    const { verdict } = await judgeFile(trace, flags);
    const isEnded = signal !== null || isInterrupted || (byTime && flags.for === undefined);
    return { verdict, exitCode: isEnded ? null : exitCode, tookMs };
  };
}

async function writePageOf(trace: string, { verdict }: Judged, flags: WatchFlags): Promise<void> {
  if (flags.html === undefined) return;
  const { counts } = judgeOptions(flags);
  await writeHtml(flags.html, [{ trace, verdict, ...(counts !== undefined && { counts }) }]);
  console.error(`page   ${flags.html}`);
}

/** The file that the command names; null if there is nothing to watch, after a message that says why. */
function startable(words: readonly string[]): string | null {
  const other = elsewhere(words);
  if (other !== null) {
    console.error(`abreast watch: ${other.why}. Record it there, and judge it here:\n`);
    for (const command of other.commands) console.error(`  ${command}`);
    process.exitCode = COULD_NOT_JUDGE;
    return null;
  }
  const found = findCommand(words[0]!, process.env.PATH);
  if ('file' in found) return found.file;
  console.error(`abreast watch: ${found.text}`);
  process.exitCode = found.exitCode;
  return null;
}

const COULD_NOT_JUDGE = 125;

function kitAt(folder: string): readonly string[] {
  try {
    return writeKit(folder);
  } catch (error) {
    throw new UsageError(`--kit ${folder} can't be written: ${(error as Error).message}`);
  }
}

/** Before the program runs, not after. @throws UsageError */
function refuseUnwritable(trace: string): void {
  try {
    closeSync(openSync(trace, 'a', 0o600));
  } catch (error) {
    throw new UsageError(`--trace ${trace} can't be written: ${(error as Error).message}`);
  }
}

/** In the cache, or where it can't be written among temporary files. @throws UsageError */
function traceFor(words: readonly string[]): string {
  try {
    return newTrace(traceFolder(), words);
  } catch {
    return newTemporaryTrace(words);
  }
}

function newTemporaryTrace(words: readonly string[]): string {
  const folder = `${tmpdir()}/abreast-traces`;
  try {
    return newTrace(folder, words);
  } catch (error) {
    throw new UsageError(
      `the trace can be kept neither in ${traceFolder()} nor in ${folder}: ${(error as Error).message}. Name a file with --trace.`,
    );
  }
}

/** Ends as the program ended, so that our parent process sees the same. */
function dieOf(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
