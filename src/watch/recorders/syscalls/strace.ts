import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/**
 * What is traced: sockets, reads and writes, waits, descriptors, processes. Never futex: a thread that waits for a
 * lock that is held for microseconds does so hundreds of thousands of times a second, and each costs a stop.
 * '?' before a name: no error where the architecture, or this strace, has no such call.
 */
const CALLS = [
  '%network',
  ...['read', 'readv', 'write', 'writev', 'sendmmsg', 'recvmmsg'],
  ...['poll', 'ppoll', 'select', 'pselect6', 'epoll_wait', 'epoll_pwait', 'epoll_pwait2', 'epoll_ctl'],
  ...['epoll_create', 'epoll_create1', 'close', 'close_range', 'dup', 'dup2', 'dup3', 'fcntl'],
  ...['clone', 'clone3', 'fork', 'vfork', 'execve', 'wait4', 'waitid'],
  ...['nanosleep', 'clock_nanosleep', 'flock', 'io_uring_setup', 'io_uring_enter'],
].map((name) => (name.startsWith('%') ? name : `?${name}`));

/**
 * The arguments of strace before the command. `-s 2048` shows the hello of a TLS connection whole, and the headers
 * of records behind one another; `-yy` would ask the kernel about each descriptor of each call, for twice the time.
 *
 * @param output where it writes: a pipe that has a name
 */
export function straceArguments(output: string): string[] {
  const format = ['-ttt', '-T', '-xx', '-s', '2048', '-q'];
  return [
    '-f',
    '--seccomp-bpf',
    ...format,
    '-e',
    'signal=none',
    '-e',
    `trace=${CALLS.join(',')}`,
    '-o',
    output,
    '--',
  ];
}

/** Whether programs can be traced here; `missing` says why not and what would allow it. */
export interface Tracing {
  readonly version: string | null;
  readonly missing: string | null;
}

/** Asks strace to trace `true`. Takes some 20 ms. */
export function canTrace(environment: NodeJS.ProcessEnv = process.env): Tracing {
  if (process.platform !== 'linux') {
    return {
      version: null,
      missing: `system calls are recorded with strace, which ${process.platform} does not have`,
    };
  }
  const asked = spawnSync('strace', ['--version'], { env: environment, encoding: 'utf8' });
  if (asked.error !== undefined) {
    return {
      version: null,
      missing: 'strace is not installed: apt-get install strace (dnf, apk, pacman: the same name)',
    };
  }
  const version = /version (\S+)/.exec(asked.stdout)?.[1] ?? 'unknown';
  const tried = spawnSync('strace', straceArguments('/dev/null').concat('true'), {
    env: environment,
    encoding: 'utf8',
  });
  if (tried.status === 0) return { version, missing: null };
  return { version, missing: reason(tried.stderr) };
}

function reason(message: string): string {
  if (/seccomp-bpf|unrecognized option/.test(message)) {
    return 'this strace is too old: version 5.3 or newer is needed, for --seccomp-bpf';
  }
  if (/Operation not permitted|EPERM/.test(message)) {
    return 'this user may not trace processes (ptrace). In a container: docker run --cap-add SYS_PTRACE; elsewhere: sudo sysctl kernel.yama.ptrace_scope=1';
  }
  return `strace does not work here: ${message.trim().split('\n')[0] ?? 'no message'}`;
}

/**
 * A process that starts it gets rights that the kernel does not give to a traced program (execve(2), 'effective user ID').
 * Root has no rights to lose.
 */
export function changesUser(file: string): boolean {
  if (process.getuid?.() === 0) return false;
  return (statSync(file).mode & (SET_USER | SET_GROUP)) !== 0;
}

const SET_USER = 0o4000;
const SET_GROUP = 0o2000;
