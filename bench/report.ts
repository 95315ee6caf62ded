/**
 * What a report costs, whole command:
 *
 *   node bench/report.ts talk       10,000 GETs of 100 ms at 100 at once, crunched and dumped; 10 s at best
 *   node bench/report.ts million    1,000,000 small answers: the memory it takes at most
 *   node bench/report.ts workers    large compressed answers from memory, fetched by one thread and by two
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ABREAST = join(import.meta.dirname, '../bin/abreast');
const LOOK_MS = 100;

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMB: number;
  readonly inFlight: { readonly mean: number; readonly max: number };
}

const folder = mkdtempSync(join(tmpdir(), 'abreast-bench-report-'));
const server = fork(join(import.meta.dirname, 'report-server.ts'), {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
});
try {
  const [url] = (await once(createInterface({ input: server.stdout! }), 'line')) as [string];
  const bench = { talk, million, workers }[process.argv[2] ?? ''];
  if (bench === undefined) throw new Error('usage: node bench/report.ts talk|million|workers [COUNT]');
  await bench(url, process.argv[3] === undefined ? undefined : Number(process.argv[3]));
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function talk(): Promise<void> {
  const report = readFileSync(join(import.meta.dirname, '../examples/talk.yaml'), 'utf8');
  const serve = fork(ABREAST, ['serve', '--json'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [ready] = (await once(createInterface({ input: serve.stdout! }), 'line')) as [string];
  const { httpUrl } = JSON.parse(ready) as { httpUrl: string };
  const { wallMs, cpuMs, inFlight } = await run(report, [], { env: { TEST_SERVER: httpUrl } });
  serve.kill();
  const { mean, max } = inFlight;
  console.log(
    `${seconds(wallMs)} for the whole command, ${seconds(cpuMs)} of CPU; in flight: mean ${mean.toFixed(1)}, max ${max}`,
  );
}

async function million(url: string, count = 1_000_000): Promise<void> {
  const { wallMs, cpuMs, peakMB } = await run(reportOf(`${url}/small?id={{id}}`, count), []);
  const each = (cpuMs * 1000) / count;
  console.log(
    `${count.toLocaleString('en')} answers in ${seconds(wallMs)}, ${each.toFixed(0)} µs of CPU each, at most ${peakMB.toFixed(0)} MB`,
  );
}

async function workers(url: string, count = 1500): Promise<void> {
  const walls: number[] = [];
  for (const workers of [1, 2]) {
    const before = await serverCpu(url);
    const { wallMs, cpuMs } = await run(
      reportOf(`${url}/large?id={{id}}`, count),
      ['--workers', `${workers}`],
      { fetched: true },
    );
    const served = (await serverCpu(url)) - before;
    walls.push(wallMs);
    console.log(
      `--workers ${workers}: ${seconds(wallMs)} of fetching; CPU: client ${seconds(cpuMs)}, server ${seconds(served)}`,
    );
  }
  console.log(`${(walls[0]! / walls[1]!).toFixed(2)} times as fast with two`);
}

function reportOf(url: string, count: number): string {
  return `name: bench
rows: { sql: "select range as id from range(${count})" }
requests:
  - { name: answers, url: "${url}" }
limits: { concurrency: 100 }
crunch:
  - { name: counted, sql: "select status, count(*) as n, avg(total_ms) as ms from answers group by status" }
dump:
  - { table: counted, to: out/counted.csv }
`;
}

interface How {
  readonly env?: Readonly<Record<string, string>>;
  /** The wall time of what it fetched, rather than of the whole command. */
  readonly fetched?: boolean;
}

/** Runs a report as a user would. */
async function run(report: string, args: readonly string[], how: How = {}): Promise<Cost> {
  const file = join(folder, 'report.yaml');
  const json = join(folder, 'summary.json');
  writeFileSync(file, report);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [ABREAST, 'report', file, '-q', '--json-file', json, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...how.env },
  });
  const peak = watchPeak(child);
  const [code] = await once(child, 'exit');
  const wallMs = performance.now() - startedAt;
  if (code !== 0) throw new Error(`abreast ended with ${code}`);
  const summary = JSON.parse(readFileSync(json, 'utf8'));
  return {
    wallMs: how.fetched ? summary.report.wallMs : wallMs,
    inFlight: summary.report.inFlight,
    ...peak(),
  };
}

/** Looks at a process until it ends: the most memory, and the CPU it has used so far. */
function watchPeak(child: ChildProcess): () => { peakMB: number; cpuMs: number } {
  let peakMB = 0;
  let cpuMs = 0;
  const look = () => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakMB = Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
      const [user, system] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number);
      cpuMs = (user! + system!) * 10;
    } catch {
      // It has ended meanwhile: what was seen last stands.
    }
  };
  const timer = setInterval(look, LOOK_MS);
  child.once('exit', () => clearInterval(timer));
  return () => ({ peakMB, cpuMs });
}

async function serverCpu(url: string): Promise<number> {
  return ((await (await fetch(`${url}/cpu`)).json()) as { cpuMs: number }).cpuMs;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
