import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TraceRecord } from '../../../src/trace/index.ts';
import { outputVariables } from '../../../src/watch/recorders/probe.ts';
import { ruby } from '../../../src/watch/recorders/ruby/index.ts';

/** What a program did, and what was recorded of it: one list of records a process, the first process first. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly traces: readonly (readonly TraceRecord[])[];
  /** Of the files of the traces. */
  readonly modes: readonly number[];
}

/** The path of a program of these tests. */
export function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}.rb`, import.meta.url));
}

export interface Launch {
  readonly env?: Readonly<Record<string, string>>;
  /** false: without the probe, to compare. */
  readonly probe?: boolean;
  /** Another copy of it. */
  readonly file?: string;
  /** Called with what the program has written so far, and its pid. */
  readonly wrote?: (stdout: string, pid: number) => void;
}

/** Runs a command under the probe to its end, at most 60 s. */
export async function run(command: readonly string[], launch: Launch = {}): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'abreast-ruby-'));
  try {
    const own = { ...process.env, ...launch.env };
    const loading = {
      ...ruby.variables(launch.file ?? ruby.file, own),
      ...outputVariables(join(folder, '%p.jsonl')),
    };
    const env = launch.probe === false ? own : { ...own, ...loading };
    const ended = await started(command, env, launch.wrote);
    const files = (await readdir(folder)).map((name) => join(folder, name));
    const traces = await Promise.all(files.map(recordsOf));
    const modes = await Promise.all(files.map(async (file) => (await stat(file)).mode & 0o777));
    return { ...ended, traces: traces.sort((one, other) => startOf(one) - startOf(other)), modes };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function started(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  wrote: Launch['wrote'],
): Promise<Omit<Ran, 'traces' | 'modes'>> {
  const child = spawn(command[0]!, command.slice(1), {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    wrote?.(stdout, child.pid!);
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ stdout, stderr, exitCode, signal }));
  });
}

async function recordsOf(file: string): Promise<TraceRecord[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as TraceRecord);
}

function startOf([run, process]: readonly TraceRecord[]): number {
  return run?.kind === 'run' && process?.kind === 'process' ? run.startedUs + (process.startedUs ?? 0) : 0;
}

/** The records of a kind in all processes of a program. */
export function all<Kind extends TraceRecord['kind']>(
  { traces }: Ran,
  kind: Kind,
): Extract<TraceRecord, { kind: Kind }>[] {
  return traces.flat().filter((record) => record.kind === kind) as never;
}
