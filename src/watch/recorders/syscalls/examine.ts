import { existsSync, readFileSync } from 'node:fs';
import type { Finding } from '../recorder.ts';
import { canTrace } from './strace.ts';

/** What can be seen from outside on this machine. */
export function examine(environment: NodeJS.ProcessEnv): readonly Finding[] {
  return [
    tracing(environment),
    ptraceScope(),
    { what: 'any language', good: null, text: 'Go, Rust, Java, curl: system calls, with --wanted N' },
    { what: 'HTTP/2', good: null, text: 'from inside; from outside only that of curl' },
    otherUsers(),
  ];
}

function tracing(environment: NodeJS.ProcessEnv): Finding {
  const { version, missing } = canTrace(environment);
  const what = 'system calls';
  return missing === null
    ? { what, good: true, text: `strace ${version} can trace programs here` }
    : { what, good: false, text: missing };
}

/** Documentation/admin-guide/LSM/Yama.rst: children may be traced at 0 and 1. */
function ptraceScope(): Finding {
  const what = 'ptrace scope';
  const file = '/proc/sys/kernel/yama/ptrace_scope';
  if (!existsSync(file)) return { what, good: true, text: 'no Yama: a program may trace its children' };
  const scope = Number(readFileSync(file, 'utf8'));
  if (scope < 2) return { what, good: true, text: `${scope}: a program may trace its children` };
  const text = `${scope}: only administrators may trace${scope === 2 ? ': sudo sysctl kernel.yama.ptrace_scope=1' : ', until the next boot'}`;
  return { what, good: process.getuid?.() === 0 && scope === 2, text };
}

function otherUsers(): Finding {
  const what = 'other users';
  return process.getuid?.() === 0
    ? { what, good: true, text: 'setuid programs can be traced: this is root' }
    : { what, good: false, text: 'setuid programs and sudo: only as root: sudo abreast watch -- COMMAND' };
}
