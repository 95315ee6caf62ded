import { run } from '../child.ts';

/** Settings of a user's shell that would let other packages in, or put these elsewhere. */
const STRAY = [
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONSTARTUP',
  'PYTHONUSERBASE',
  'PYTHONDONTWRITEBYTECODE',
  'VIRTUAL_ENV',
  'PIP_USER',
  'PIP_TARGET',
  'PIP_PREFIX',
  'PIP_ROOT',
  'PIP_REQUIRE_VIRTUALENV',
  'PIP_CONSTRAINT',
];

/** The environment in which a Python sees its own packages alone. */
export function pythonEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !STRAY.includes(name));
  return { ...Object.fromEntries(kept), PYTHONNOUSERSITE: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', ...more };
}

export interface PipOptions {
  readonly signal: AbortSignal;
  /** Told what is under way: 'Collecting gevent==1.4.0'. */
  readonly onStep?: (step: string) => void;
}

/** Runs pip; gives null when it has done it, else what it says is wrong. */
export async function pip(
  python: string,
  words: readonly string[],
  { signal, onStep }: PipOptions,
): Promise<string | null> {
  const { code, out, err } = await run([python, '-m', 'pip', '--no-input', '--retries', '2', ...words], {
    env: pythonEnvironment(),
    signal,
    onLine: (line) => {
      const step = /^(Collecting|Downloading|Building|Installing) .*/.exec(line.trim())?.[0];
      if (step !== undefined) onStep?.(step);
    },
  });
  if (code === 0) return null;
  const said = `${out}\n${err}`.split('\n').map((line) => line.trim());
  const unreachable = said.find((line) => UNREACHABLE.test(line));
  if (unreachable !== undefined)
    return `no package index can be reached: ${unreachable.replace(/^WARNING: Retrying.*?after connection broken by /, '')}. Set PIP_INDEX_URL or HTTPS_PROXY as pip is used here otherwise, and try again`;
  return (
    said.filter((line) => line.startsWith('ERROR:'))[0] ??
    said.filter(Boolean).at(-1) ??
    `pip ends with ${code}`
  );
}

const UNREACHABLE =
  /NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|NameResolutionError|Temporary failure in name|Network is unreachable|SSLCertVerificationError/;
