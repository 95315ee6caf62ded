import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lost, TraceRecord } from '../../../trace/index.ts';
import type { Exit, Listener, Stdio } from '../recorder.ts';
import { CpuMeter } from './cpu.ts';
import { LinePipe } from './line-pipe.ts';
import { QuotaMeter } from './quota.ts';
import { straceArguments } from './strace.ts';
import { Tracer } from './tracer.ts';

export interface RecordOptions {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The Unix time, in microseconds, that the records' times are relative to. */
  readonly startedUs: number;
  /** The program's own by default. */
  readonly stdio?: Stdio;
  readonly cwd?: string | undefined;
  /** URLs stay as they are, credentials too. */
  readonly keepUrls?: boolean;
  readonly listener?: Listener | undefined;
  emit(record: TraceRecord): void;
}

/** The program has ended, and all its records are emitted. */
interface Ended extends Exit {
  readonly lost: Lost;
}

/** A command under way. */
export interface Recorded {
  /** strace. Its exit code and signal are the program's. */
  readonly child: ChildProcess;
  readonly done: Promise<Ended>;
  /** Sends a signal to the program, which strace would keep to itself. */
  signal(name: NodeJS.Signals): void;
}

/**
 * Runs a command under strace, which writes into a named pipe: the program's own input, output, terminal, signals
 * and exit code are as they were, and nothing of its data is stored.
 */
export function recordSyscalls(options: RecordOptions): Recorded {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-'));
  const path = join(folder, 'syscalls');
  const pipe = new LinePipe(path, (line) => tracer.line(line));
  const child = spawn('strace', [...straceArguments(path), ...options.command], {
    env: options.environment,
    stdio: (options.stdio ?? 'inherit') as 'inherit',
    cwd: options.cwd,
  });
  const meter = new CpuMeter(options.startedUs);
  const quota = new QuotaMeter();
  const tracer = new Tracer(options.startedUs, options.emit, {
    cpu: (...time) => meter.share(...time),
    throttledUs: (pid) => quota.throttledUs(pid),
    keepUrls: options.keepUrls ?? false,
    listener: options.listener,
  });
  tracer.onCarrier = (pid, thread) => {
    meter.watch(pid, thread);
    quota.watch(pid);
  };
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    tracer.onExit = (code, signal) =>
      setTimeout(() => resolve({ exitCode: code, signal }), SURVIVES_MS).unref();
  });
  const done = exit
    .then(async (ended) => {
      if (child.exitCode === null && child.signalCode === null) {
        await leave(child, pipe, path);
        const text =
          'some of the processes that the command started run on without it, and were seen until it ended';
        options.emit({ kind: 'note', atUs: Date.now() * 1000 - options.startedUs, text });
      } else await pipe.drained();
      return { ...ended, lost: tracer.end() };
    })
    .finally(() => {
      meter.stop();
      quota.stop();
      rmSync(folder, { recursive: true, force: true });
    });
  return {
    child,
    done,
    signal: (name) => {
      if (tracer.pid === null) child.kill(name);
      else process.kill(tracer.pid, name);
    },
  };
}

/**
 * Some of what the program started runs on without it. strace has to stay: under seccomp the calls of a program whose
 * tracer has gone fail. So has the pipe's reader, which throws away what comes.
 */
async function leave(child: ChildProcess, pipe: LinePipe, path: string): Promise<void> {
  await pipe.stopped();
  const drain = spawn('cat', [path], { stdio: 'ignore', detached: true });
  drain.unref();
  child.unref();
  await sleep(DRAIN_OPENS_MS);
  pipe.close();
}

const DRAIN_OPENS_MS = 100;

/** How long after the program its last children may end before they count as its survivors. */
const SURVIVES_MS = 500;
