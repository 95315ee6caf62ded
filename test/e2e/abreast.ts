import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ABREAST = new URL('../../bin/abreast', import.meta.url).pathname;

export interface How {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Starts `abreast` as a user would. */
export function begin(args: readonly string[], how: How = {}): ChildProcess {
  const child = spawn(process.execPath, [ABREAST, ...args], {
    cwd: how.cwd,
    env: { ...process.env, NO_COLOR: '1', ...how.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin!.on('error', () => {}); // it may end before it has read everything
  child.stdin!.end(how.stdin ?? '');
  return child;
}

/** What becomes of one that was started. */
export async function end(child: ChildProcess): Promise<Outcome> {
  const [[code, signal], out, err] = await Promise.all([
    exitOf(child),
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, signal, out, err };
}

/** Its exit, also when that has been before. */
async function exitOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return [child.exitCode, child.signalCode];
}

/** Runs `abreast` to its end. */
export function abreast(args: readonly string[], how: How = {}): Promise<Outcome> {
  return end(begin(args, how));
}

/** Runs a line of shell in which "$abreast" is the command. */
export function shell(line: string, how: How = {}): Promise<Outcome> {
  const child = spawn('bash', ['-c', line], {
    cwd: how.cwd,
    env: { ...process.env, NO_COLOR: '1', ...how.env, abreast: `${process.execPath} ${ABREAST}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return end(child);
}

export function folder(): string {
  return mkdtempSync(join(tmpdir(), 'abreast-e2e-'));
}

/** The lines of a JSON Lines file, parsed. */
export function linesOf(
  path: string,
): { index: number; status: number | null; url: string; body: string | null }[] {
  return parsed(readFileSync(path, 'utf8'));
}

export function parsed(jsonl: string) {
  return jsonl
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}
