import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkFiles, checkLines, type Stored } from './check.ts';
import type { Job, Peer } from './peers.ts';
import type { BenchServer, ServerStats } from './server.ts';
import { clientEnv, programs } from './setup.ts';
import type { Workload } from './workloads.ts';

const exec = promisify(execFile);

/** What a command cost, with all its children (server/run.go). */
interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  readonly exitCode: number;
  readonly timedOut: boolean;
}

/** One client did one workload once. */
export interface Sample extends Cost {
  readonly server: ServerStats;
  readonly stored: Stored;
  /** CPU seconds a second that this machine spent on anything else meanwhile: the figures of a busy one are rough. */
  readonly otherLoad: number;
  /** The last line the client complained with. */
  readonly complaint: string | null;
}

/** Where clients run: the server they ask, and what their command begins with. */
export interface Place {
  readonly server: BenchServer;
  readonly clientPrefix: readonly string[];
  readonly scratch: string;
  readonly timeoutSeconds: number;
}

/** Lets one client do one workload, and checks what it stored. */
export async function measure(peer: Peer, workload: Workload, place: Place): Promise<Sample> {
  const { server, scratch } = place;
  const urls = Array.from({ length: workload.count }, (_, index) => workload.url(index, server.port));
  const urlFile = join(scratch, 'urls.txt');
  const listing = join(scratch, 'listing.txt');
  const out = join(scratch, peer.files ? 'answers' : 'answers.jsonl');
  const job: Job = { urls, urlFile, concurrency: workload.concurrency, out, scratch };
  await rm(out, { recursive: true, force: true });
  await writeFile(urlFile, `${urls.join('\n')}\n`);
  await peer.prepare?.(job);
  await server.reset();
  const runner = [programs.tool, 'run', '-timeout', `${place.timeoutSeconds}s`, '-stdout', listing, '--'];
  const [program, ...args] = [...place.clientPrefix, ...runner, ...peer.argv(job)];
  const busyBefore = busyCpuSeconds();
  const { stdout, stderr } = await exec(program!, args, {
    env: { ...clientEnv, ...peer.env },
    maxBuffer: 1 << 26,
  });
  const busy = busyCpuSeconds() - busyBefore;
  const cost = JSON.parse(stdout) as Cost;
  const stats = await server.stats();
  const sample = {
    ...cost,
    server: stats,
    otherLoad: Math.max(0, busy - cost.cpuSeconds - stats.cpuSeconds) / cost.wallSeconds,
    stored: peer.files ? await checkFiles(out, listing, workload) : await checkLines(out, workload),
    complaint: stderr.trim().split('\n').at(-1) || null,
  };
  await rm(out, { recursive: true, force: true });
  return sample;
}

/** CPU seconds that were not idle, of all cores, since the machine started. */
function busyCpuSeconds(): number {
  const busy = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return busy.reduce((sum, ms) => sum + ms / 1000, 0);
}
