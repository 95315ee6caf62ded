import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTrace, type TraceRecord } from '../../../src/trace/index.ts';
import { outputVariables } from '../../../src/watch/recorders/probe.ts';
import { python } from '../../../src/watch/recorders/python/index.ts';

/** What a watched program did, and what was recorded of it: one list of records a process, the first process first. */
export interface Watched {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly wallMs: number;
  readonly traces: readonly (readonly TraceRecord[])[];
}

type Of<Kind extends TraceRecord['kind']> = Extract<TraceRecord, { kind: Kind }>;

/** The records of a kind in all processes of a program. */
export function all<Kind extends TraceRecord['kind']>(watched: Watched, kind: Kind): Of<Kind>[] {
  return watched.traces.flat().filter((record): record is Of<Kind> => record.kind === kind);
}

/** The path of a program of these tests. */
export function program(name: string): string {
  return fileURLToPath(new URL(`programs/${name}.py`, import.meta.url));
}

export interface Launch {
  readonly env?: Readonly<Record<string, string>>;
  /** false: without the probe, to compare. */
  readonly probe?: boolean;
  /** Called with the child's pid once it is there. */
  readonly started?: (pid: number) => void | Promise<void>;
}

/** Runs a command under the probe to its end, at most 60 s. */
export async function watch(command: readonly string[], launch: Launch = {}): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), 'abreast-python-'));
  try {
    const own = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...launch.env };
    const added = {
      ...python.variables(python.file, own),
      ...outputVariables(join(folder, 'python-%p.jsonl')),
    };
    const env = launch.probe === false ? own : { ...own, ...added };
    const ran = await run(command, env, launch.started);
    return { ...ran, traces: await tracesIn(folder) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Ran = Omit<Watched, 'traces'>;

function run(command: readonly string[], env: NodeJS.ProcessEnv, started: Launch['started']): Promise<Ran> {
  const startedMs = performance.now();
  const child = spawn(command[0]!, command.slice(1), { env, stdio: 'pipe', timeout: 60_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on('spawn', () => void started?.(child.pid!));
    child.on('error', reject);
    child.on('close', (exitCode, signal) =>
      resolve({ stdout, stderr, exitCode, signal, wallMs: performance.now() - startedMs }),
    );
  });
}

/** By their start, which `run` tells. */
async function tracesIn(folder: string): Promise<TraceRecord[][]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  const traces = await Promise.all(files.map((name) => recordsOf(join(folder, name))));
  return traces.sort((a, b) => startOf(a) - startOf(b));
}

function startOf(records: readonly TraceRecord[]): number {
  const process = records.find((record) => record.kind === 'process');
  return records[0]?.kind === 'run' ? records[0].startedUs + (process?.startedUs ?? 0) : 0;
}

async function recordsOf(path: string): Promise<TraceRecord[]> {
  const reader = await readTrace(path);
  const records: TraceRecord[] = [reader.run];
  for await (const batch of reader) records.push(...batch);
  if (reader.problemCount > 0) throw new Error(`${path}: ${JSON.stringify(reader.problems)}`);
  return records;
}
