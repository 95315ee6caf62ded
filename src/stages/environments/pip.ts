import { join } from 'node:path';
import { run } from '../child.ts';
import { StagesError } from '../error.ts';

/** Settings of a user's shell that would let other packages in, or put these elsewhere. */
const STRAY = [
  'PYTHONPATH',
  'PYTHONHOME',
  'PYTHONSTARTUP',
  'PYTHONUSERBASE',
  'VIRTUAL_ENV',
  'PIP_USER',
  'PIP_TARGET',
  'PIP_PREFIX',
  'PIP_ROOT',
  'PIP_REQUIRE_VIRTUALENV',
  'PIP_CONSTRAINT',
];

/** Environment variables with which a Python uses only its own packages, and writes no compiled code. */
export function pythonEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !STRAY.includes(name));
  return {
    ...Object.fromEntries(kept),
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    ...more,
  };
}

export interface PipOptions {
  /** What pip downloads is kept here, for the next environment, and not among what the user's own pip keeps. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Told what is under way: 'Collecting gevent==1.4.0'. */
  readonly onStep?: (step: string) => void;
  /** What requirements are relative to; absent: the working folder. */
  readonly folder?: string;
}

/**
 * Runs pip; gives null when it has done it, else what it says is wrong.
 * @throws StagesError when it reaches no package index: then nothing else will
 */
export async function pip(
  python: string,
  words: readonly string[],
  { cache, signal, onStep, folder }: PipOptions,
): Promise<string | null> {
  const { code, out, err } = await run([python, '-m', 'pip', '--no-input', '--retries', '2', ...words], {
    env: pythonEnvironment({ PIP_CACHE_DIR: join(cache, 'pip') }),
    signal,
    cwd: folder,
    onLine: (line) => {
      const step = /^(Collecting|Downloading|Building|Installing) .*/.exec(line.trim())?.[0];
      if (step !== undefined) onStep?.(step);
    },
  });
  if (code === 0) return null;
  const said = `${out}\n${err}`.split('\n').map((line) => line.trim());
  const unreachable = said.map((line) => UNREACHABLE.exec(line)?.[0]).find((why) => why !== undefined);
  if (unreachable !== undefined) {
    throw new StagesError(
      `pip reaches no package index: ${unreachable}. Set PIP_INDEX_URL, PIP_PROXY or PIP_CERT if that is how packages are had here, or run it where there is a network: what was made is then used without one`,
    );
  }
  return (
    said.findLast((line) => line.startsWith('ERROR:')) ??
    said.filter(Boolean).at(-1) ??
    `it ends with ${code}`
  );
}

/** Why it could not connect, as pips from 19 on say it in their warnings. */
const UNREACHABLE =
  /Failed to establish a new connection[^')]*|Connection to \S+ timed out|Read timed out|Cannot connect to proxy|Temporary failure in name resolution|Name or service not known|CERTIFICATE_VERIFY_FAILED|certificate verify failed/i;
