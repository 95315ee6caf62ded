import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Lost, TraceRecord } from '../trace/index.ts';
import { recordSyscalls } from './recorders/syscalls/index.ts';

/** How the program's streams are connected: its own, or its output to our standard error. */
export type Streams = 'own' | 'output to stderr';

export interface Launch {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly streams: Streams;
  /** Under strace. */
  readonly traced: boolean;
  /** The Unix time, in microseconds, that the records' times are relative to. */
  readonly startedUs: number;
  emit(record: TraceRecord): void;
}

export interface Ended {
  readonly exitCode: number | null;
  /** The one that ended it. */
  readonly signal: NodeJS.Signals | null;
  readonly lost: Lost;
}

/** A program under way. */
export interface Launched {
  /** Of what was started: strace, where the program is traced. */
  readonly pid: number | undefined;
  /** Rejects when it could not be started. */
  readonly done: Promise<Ended>;
  /** Sends a signal to the program itself. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal to the program and all that it started, as a terminal would. */
  signalAll(name: NodeJS.Signals): void;
}

/** Starts the command with our terminal and streams. */
export function launch(options: Launch): Launched {
  const stdio = options.streams === 'own' ? 'inherit' : (['inherit', 2, 'inherit'] as const);
  if (options.traced) {
    const { child, done, signal } = recordSyscalls({ ...options, stdio });
    return { pid: child.pid, done, signal, signalAll: (name) => signalChildren(child.pid, name) };
  }
  const [file, ...args] = options.command;
  const child = spawn(file!, args, { env: options.environment, stdio: stdio as 'inherit' });
  const done = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal, lost: {} }));
  });
  const signalAll = (name: NodeJS.Signals) => {
    signalChildren(child.pid, name);
    child.kill(name);
  };
  return { pid: child.pid, done, signal: (name) => child.kill(name), signalAll };
}

/** Sends a signal to all that descend from a process, the youngest first. */
function signalChildren(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  for (const child of childrenOf(pid)) {
    signalChildren(child, name);
    try {
      process.kill(child, name);
    } catch {
      // it has ended by itself
    }
  }
}

/** proc(5), /proc/pid/task/tid/children. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
