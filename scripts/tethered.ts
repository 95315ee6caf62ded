import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '..', 'bin', 'tethered.js');

/**
 * Runs `abreast ARGS` from source as a child that ends when this process does, however that ends, and is out of
 * reach of the terminal's Ctrl-C: whether and when it is stopped is for this process to say.
 */
export function startTethered(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    detached: true,
    env: { ...process.env, ...env },
  });
  child.channel?.unref();
  return child;
}

/** Stops it if it runs, and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
