import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrace, type Recorder, TRACE_VERSION, thisHost } from '../trace/index.ts';
import { startable } from './command.ts';
import { launch } from './launch.ts';
import type { Live } from './live/live.ts';
import { type Merged, merge } from './merge/merge.ts';
import { type Part, readPart } from './merge/part.ts';
import { unseenBy } from './missed.ts';
import { recorders } from './recorders/list.ts';
import type { Exit, Invocation, Launched, RecorderSession, Stdio, WatchedRun } from './recorders/recorder.ts';

/** How the program's streams are connected: its own, its output to our standard error, or both of its outputs to pipes. */
export type Streams = 'own' | 'output to stderr' | 'piped';

export interface WatchOptions {
  readonly command: readonly string[];
  /** The file that the command's first word names. */
  readonly file: string;
  readonly streams: Streams;
  /** A file that the program reads as its standard input; absent: our own. */
  readonly input?: string | null | undefined;
  /** Where the trace is written. */
  readonly trace: string;
  readonly keepUrls: boolean;
  /** The environment of the command; absent: our own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The folder that the command runs in; absent: our own. */
  readonly cwd?: string | undefined;
  /** Names of recorders that are left out. */
  readonly without: readonly string[];
  /** How many the program wants at once, as the user says. */
  readonly wanted?: number;
  /** Follows the program while it runs. */
  readonly live?: Live;
  /** Called once the program runs. */
  started(program: Launched): void;
}

/** What became of the program. Its exchanges are in the trace. */
export interface Watched extends Exit {
  readonly recorders: readonly Recorder[];
  /** Where the trace is. */
  readonly trace: string;
}

/**
 * Runs a command under the recorders that fit, and writes what they saw as one trace.
 * @throws TraceError when the trace can't be written, and what spawn() throws.
 */
export async function watch(options: WatchOptions): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-watch-'));
  try {
    return await watchWithin(folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watchWithin(folder: string, options: WatchOptions): Promise<Watched> {
  const { file, keepUrls } = options;
  const run = { folder, file, keepUrls, startedUs: Date.now() * 1000, listener: options.live };
  options.live?.begin(folder, run.startedUs);
  const { sessions, invocation } = beginAll(options, run);
  const start = sessions.find((session) => session.launch !== undefined)?.launch ?? launch;
  const program = startWith(options, (stdio) => start(invocation, stdio));
  options.started(program);
  const { exitCode, signal } = await program.done;
  options.live?.end();
  const inside = await partsIn(folder);
  const [outside = null] = sessions.flatMap(({ part }) => part?.() ?? []);
  const merged = merge(inside, outside, run.startedUs);
  const seen = unseenBy({
    recorders: merged.recorders,
    records: merged.records,
    hindrances: new Map(
      sessions.flatMap(({ name, hindrance }) => (hindrance === undefined ? [] : [[name, hindrance]])),
    ),
    loaded: processesOf(inside),
  });
  await store(options, { startedUs: run.startedUs, merged: { ...merged, recorders: seen }, exitCode });
  return { exitCode, signal, recorders: seen, trace: options.trace };
}

function startWith({ streams, input }: WatchOptions, start: (stdio: Stdio) => Launched): Launched {
  const [, ...outputs] = STDIO[streams];
  if (typeof input !== 'string') return start(STDIO[streams]);
  const opened = openSync(input, 'r');
  try {
    return start([opened, ...outputs]);
  } finally {
    closeSync(opened);
  }
}

const STDIO: Readonly<Record<Streams, Exclude<Stdio, 'inherit'>>> = {
  own: ['inherit', 'inherit', 'inherit'],
  'output to stderr': ['inherit', 2, 'inherit'],
  piped: ['inherit', 'pipe', 'pipe'],
};

interface Begun {
  readonly sessions: readonly (RecorderSession & { readonly name: string })[];
  /** With what all of them add to it. */
  readonly invocation: Invocation;
}

function beginAll(
  { command, file, without, environment = process.env, cwd }: WatchOptions,
  run: WatchedRun,
): Begun {
  let invocation: Invocation = { command: startable(command, file), environment };
  const sessions = recorders.map(({ name, begin }) => {
    const session = without.includes(name)
      ? { invocation, hindrance: `not recorded, as --no-${name} asked` }
      : begin(invocation, run);
    invocation = session.invocation;
    return { ...session, name };
  });
  return { sessions, invocation: { ...invocation, cwd } };
}

/** What each process wrote of itself, the first process first. */
async function partsIn(folder: string): Promise<Part[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const parts = await Promise.all(files.map((name) => readPart(join(folder, name))));
  return parts.filter((part) => part !== null).sort((one, other) => one.startedUs - other.startedUs);
}

function processesOf(parts: readonly Part[]): Set<number> {
  const records = parts.flatMap((part) => part.records);
  return new Set(records.flatMap((record) => (record.kind === 'process' ? record.pid : [])));
}

interface Stored {
  readonly startedUs: number;
  readonly merged: Merged;
  readonly exitCode: number | null;
}

async function store(options: WatchOptions, { startedUs, merged, exitCode }: Stored): Promise<void> {
  const { recorders, records, lost } = merged;
  const trace = await openTrace(
    options.trace,
    {
      kind: 'run',
      version: TRACE_VERSION,
      startedUs,
      command: options.command,
      recorders,
      host: thisHost(),
      ...(options.wanted !== undefined && { wanted: options.wanted }),
    },
    { keepUrls: options.keepUrls },
  );
  for (const record of records) {
    if (record.kind !== 'run' && record.kind !== 'end') await trace.write(record);
  }
  await trace.close({ kind: 'end', endedUs: Date.now() * 1000 - startedUs, exitCode, lost });
}
