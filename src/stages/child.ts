import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How long a process may take to end after a signal. */
const PATIENCE_MS = 2_000;

/** Options of a child process. */
export interface ChildOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  /** Ends it, and all that it started. */
  readonly signal?: AbortSignal;
  /** Told each line of both outputs as it comes. */
  readonly onLine?: (line: string) => void;
}

/** A process under way, and the group of all that it started. */
export interface Child {
  /** Rejects when it could not be started. */
  readonly ended: Promise<Ended>;
  /** Ends the group: SIGTERM, and SIGKILL to what is still there 2 s later. */
  stop(): void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

const groups = new Set<number>();
process.on('exit', () => {
  for (const pid of groups) signalGroup(pid, 'SIGKILL');
});

/** Starts a command as the leader of a process group of its own, so that all of it can be ended, including grandchildren. */
export function start(command: readonly string[], options: ChildOptions = {}): Child {
  const [file, ...args] = command;
  const child = spawn(file!, args, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  let killing: NodeJS.Timeout | undefined;
  const stop = () => {
    if (pid === undefined || killing !== undefined) return;
    signalGroup(pid, 'SIGTERM');
    killing = setTimeout(() => signalGroup(pid, 'SIGKILL'), PATIENCE_MS);
  };
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop);
  const out: string[] = [];
  const err: string[] = [];
  for (const [stream, lines] of [
    [child.stdout, out],
    [child.stderr, err],
  ] as const) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      options.onLine?.(line);
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal, out: out.join('\n'), err: err.join('\n') });
    });
  }).finally(() => {
    clearTimeout(killing);
    options.signal?.removeEventListener('abort', stop);
    if (pid === undefined) return;
    signalGroup(pid, 'SIGKILL'); // what it left behind
    groups.delete(pid);
  });
  return { ended, stop };
}

/** Runs a command to its end. Rejects with the signal's reason once that has ended it. */
export async function run(command: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  options.signal?.throwIfAborted();
  const ended = await start(command, options).ended;
  options.signal?.throwIfAborted();
  return ended;
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // all of it has ended
  }
}
