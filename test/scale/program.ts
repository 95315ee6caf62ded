import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ABREAST = fileURLToPath(new URL('../../bin/abreast', import.meta.url));
const TICKS_A_SECOND = 100; // getconf CLK_TCK, on every Linux of today
const POLL_MS = 100;
const MOST_SAID = 20_000;

/** What a process has used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Its largest resident memory. */
  readonly peakMb: number;
}

/** A process of abreast under observation: what it prints, and what it uses. */
export interface Program {
  readonly name: string;
  readonly child: ChildProcess;
  /** As of the last look, at most 0.1 s before its end. */
  readonly usage: Usage;
  /** The end of what it printed, both streams. */
  readonly said: string;
  /** Its exit code; null if a signal ended it. */
  readonly ended: Promise<number | null>;
}

export interface Place {
  readonly cwd: string;
  /** What runs it, such as `ip netns exec NAME`. */
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Nothing outlives this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts abreast with these arguments. */
export function startAbreast(
  name: string,
  args: readonly string[],
  { cwd, under = [], env }: Place,
): Program {
  const [command, ...rest] = [...under, process.execPath, ABREAST, ...args];
  const child = spawn(command!, rest, {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (bytes) => {
      said = `${said}${bytes}`.slice(-MOST_SAID);
    });
  let usage: Usage = { cpuSeconds: 0, peakMb: 0 };
  const look = () => {
    usage = usageOf(child.pid!) ?? usage;
  };
  const timer = setInterval(look, POLL_MS);
  const ended = once(child, 'exit').then(([code]) => {
    clearInterval(timer);
    running.delete(child);
    return code as number | null;
  });
  return {
    name,
    child,
    ended,
    get usage() {
      return usage;
    },
    get said() {
      return said;
    },
  };
}

/** What a process has used, from /proc; with that of its children that have ended. null where it is gone. */
export function usageOf(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the command, in parentheses, may have spaces: proc(5) counts on from after it.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [user, system, childUser, childSystem] = fields.slice(11, 15) as [number, number, number, number];
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (peak === null) return null; // it has ended, and nobody has asked for its exit code yet
    return {
      cpuSeconds: (user + system + childUser + childSystem) / TICKS_A_SECOND,
      peakMb: Number(peak[1]) / 1024,
    };
  } catch {
    return null; // it ended
  }
}

/** The same of a process and of all its children that run, together. */
export function usageOfTree(pid: number): Usage {
  const all = [pid, ...childrenOf(pid)].map(usageOf).filter((each) => each !== null);
  return {
    cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMb: Math.max(0, ...all.map(({ peakMb }) => peakMb)),
  };
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return []; // it ended, or the kernel has no such file
  }
}
