import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a program came to: an exit code other than 0 or a signal, and what it wrote. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * Runs a program that may use imap, map and startRun, in a process of its own: one that something is left open in, a
 * socket or a timer, does not end by itself, and is killed.
 */
export async function runProgram(program: string): Promise<Ended> {
  const library = new URL('../../src/fetch/index.ts', import.meta.url);
  const source = `import { imap, map, startRun } from '${library}';\n${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code, signal] = await ended;
  clearTimeout(deadline);
  return { stdout, stderr, code, signal };
}
