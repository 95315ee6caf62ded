import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Lost, openTrace, type Recorder, TRACE_VERSION, type TraceRecord } from '../trace/index.ts';
import { changesUser, startable } from './command.ts';
import { type Ended, type Launched, launch, type Streams } from './launch.ts';
import { merge } from './merge/merge.ts';
import { type Part, readPart } from './merge/part.ts';
import { unseenBy } from './missed.ts';
import { nodeEnvironment } from './recorders/node/index.ts';
import { pythonEnvironment } from './recorders/python/index.ts';
import { canTrace, type Tracing } from './recorders/syscalls/index.ts';

export interface WatchOptions {
  readonly command: readonly string[];
  /** The file that the command's first word names. */
  readonly file: string;
  readonly streams: Streams;
  /** Where the trace is written. */
  readonly trace: string;
  readonly keepUrls: boolean;
  /** false: what the probes see is enough, for a fraction of the cost. */
  readonly syscalls: boolean;
  /** How many the program wants at once, as the user says. */
  readonly wanted?: number;
  /** Called once the program runs. */
  started(program: Launched): void;
}

/** What became of the program. Its exchanges are in the trace. */
export interface Watched extends Omit<Ended, 'lost'> {
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
  const tracing = tracingOf(options);
  const startedUs = Date.now() * 1000;
  const { records, emit, dropped } = keeping();
  const program = launch({
    command: startable(options.command, options.file),
    environment: probed(process.env, folder, options.keepUrls),
    streams: options.streams,
    traced: tracing.missing === null,
    startedUs,
    emit,
  });
  options.started(program);
  const { exitCode, signal, lost } = await program.done;
  const inside = await partsIn(folder);
  const outside =
    tracing.version === null
      ? null
      : syscallsPart(tracing.version, startedUs, records, {
          ...lost,
          dropped: (lost.dropped ?? 0) + dropped(),
        });
  const merged = merge(inside, tracing.missing === null ? outside : null, startedUs);
  const recorders = unseenBy({
    recorders: merged.recorders,
    records: merged.records,
    command: options.command,
    tracing: tracing.missing,
  });
  await store(options, { startedUs, recorders, records: merged.records, lost: merged.lost, exitCode });
  return { exitCode, signal, recorders, trace: options.trace };
}

function tracingOf({ file, syscalls }: WatchOptions): Tracing {
  if (!syscalls) return { version: null, missing: 'not recorded, as --no-syscalls asked' };
  if (!changesUser(file)) return canTrace();
  return {
    version: null,
    missing: `${file} runs as another user, which strace would prevent: run abreast as root to see its system calls`,
  };
}

/** So many waits, and so many signs of readiness, are kept of a long run: the causes look at fewer. */
const MOST_BESIDE = 200_000;

/** What is kept of the records that come while the program runs. */
function keeping() {
  const records: TraceRecord[] = [];
  let beside = 0;
  const emit = (record: TraceRecord) => {
    if (record.kind === 'ready' || record.kind === 'block') beside++;
    if (beside <= MOST_BESIDE || (record.kind !== 'ready' && record.kind !== 'block')) records.push(record);
  };
  return { records, emit, dropped: () => Math.max(0, beside - MOST_BESIDE) };
}

/** The environment in which every Python and Node process records itself. */
function probed(own: NodeJS.ProcessEnv, folder: string, keepUrls: boolean): NodeJS.ProcessEnv {
  const python = { ...own, ...pythonEnvironment(folder, own, { keepUrls }) };
  return nodeEnvironment(python, join(folder, '%p.jsonl'));
}

async function partsIn(folder: string): Promise<Part[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  const parts = await Promise.all(files.map((name) => readPart(join(folder, name))));
  return parts.filter((part) => part !== null).sort((one, other) => one.startedUs - other.startedUs);
}

function syscallsPart(version: string, startedUs: number, records: readonly TraceRecord[], lost: Lost): Part {
  const recorder: Recorder = { name: 'syscalls', version: `strace ${version}`, sees: SYSCALLS_SEE };
  return { recorder, startedUs, clocks: [], records, lost };
}

const SYSCALLS_SEE = [
  'process',
  'connection',
  'connectionClosed',
  'exchange',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
  'ready',
  'block',
];

interface Stored {
  readonly startedUs: number;
  readonly recorders: readonly Recorder[];
  readonly records: readonly TraceRecord[];
  readonly lost: Lost;
  readonly exitCode: number | null;
}

async function store(options: WatchOptions, stored: Stored): Promise<void> {
  const { startedUs, recorders, records, lost, exitCode } = stored;
  const trace = await openTrace(
    options.trace,
    {
      kind: 'run',
      version: TRACE_VERSION,
      startedUs,
      command: options.command,
      recorders,
      host: { os: process.platform, kernel: release(), cpus: availableParallelism() },
      ...(options.wanted !== undefined && { wanted: options.wanted }),
    },
    { keepUrls: options.keepUrls },
  );
  for (const record of records) {
    if (record.kind !== 'run' && record.kind !== 'end') await trace.write(record);
  }
  await trace.close({ kind: 'end', endedUs: Date.now() * 1000 - startedUs, exitCode, lost });
}
