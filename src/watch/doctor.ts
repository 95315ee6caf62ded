import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findCommand } from './command.ts';
import { traceFolder } from './keep.ts';
import { pythonProbe } from './recorders/python/index.ts';
import { canTrace } from './recorders/syscalls/index.ts';

/** One thing that can, or can't, be recorded here. */
export interface Finding {
  readonly what: string;
  /** null: it depends, as the text says. */
  readonly good: boolean | null;
  readonly text: string;
}

/** Looks at what can be recorded on this machine, by trying it. */
export function examine(environment: NodeJS.ProcessEnv = process.env): readonly Finding[] {
  const path = environment.PATH;
  return [
    systemCalls(environment),
    ptraceScope(),
    {
      what: 'any language',
      good: null,
      text: 'Go, Rust, Java, curl: system calls, with --wanted N',
    },
    {
      what: 'HTTP/2',
      good: null,
      text: 'inside Python and Node; from outside only that of curl',
    },
    python('python3', path),
    python('python2', path),
    node(path),
    otherUsers(),
    containers(path),
    traces(environment),
  ];
}

function systemCalls(environment: NodeJS.ProcessEnv): Finding {
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

const ASK =
  'import sys; print(sys.version.split()[0]); print(getattr(sys.modules.get("sitecustomize"), "__file__", ""))';

function python(name: string, path: string | undefined): Finding {
  const found = findCommand(name, path);
  if (!('file' in found)) return { what: name, good: null, text: 'not on PATH' };
  const env = { ...process.env, PYTHONPATH: dirname(pythonProbe), ABREAST_TRACE: '' };
  const [version, loaded] = spawnSync(found.file, ['-c', ASK], { env, encoding: 'utf8' }).stdout.split('\n');
  if (!version) return { what: name, good: null, text: `${found.file} does not start` };
  if (!loaded)
    return {
      what: name,
      good: false,
      text: `${version} loads no sitecustomize: it was built or set up without site`,
    };
  const [major, minor] = version.split('.').map(Number) as [number, number];
  const known = major === 2 ? minor === 7 : minor >= 6 && minor <= 14;
  return {
    what: name,
    good: known,
    text: known
      ? `${version} loads the probe (but not with -I, -E or -S)`
      : `${version}: the probe is for 2.7 and 3.6 to 3.14`,
  };
}

function node(path: string | undefined): Finding {
  const what = 'node';
  const found = findCommand(what, path);
  if (!('file' in found)) return { what, good: null, text: 'not on PATH' };
  const version = spawnSync(found.file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  const known = Number.parseInt(version, 10) >= 18;
  return {
    what,
    good: known,
    text: known ? `${version} loads the probe` : `${version}: the probe needs Node 18 or newer`,
  };
}

function otherUsers(): Finding {
  const what = 'other users';
  return process.getuid?.() === 0
    ? { what, good: true, text: 'setuid programs can be traced: this is root' }
    : { what, good: false, text: 'setuid programs and sudo: only as root: sudo abreast watch -- COMMAND' };
}

function containers(path: string | undefined): Finding {
  const tools = ['docker', 'podman', 'kubectl', 'ssh'].filter((name) => 'file' in findCommand(name, path));
  const text = `abreast watch --kit DIR${tools.length > 0 ? `, for ${tools.join(', ')}` : ''}`;
  return { what: 'elsewhere', good: null, text };
}

function traces(environment: NodeJS.ProcessEnv): Finding {
  const folder = traceFolder(environment);
  let at = folder;
  while (!existsSync(at)) at = dirname(at);
  try {
    accessSync(at, constants.W_OK);
    return { what: 'traces', good: true, text: `the last ten are kept in ${folder}` };
  } catch {
    return {
      what: 'traces',
      good: false,
      text: `${folder} can't be written: set XDG_CACHE_HOME, or give --trace FILE`,
    };
  }
}
