import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Daemon, startPostgres, startRedis } from '../servers/index.ts';
import type { QueueKind, ScaleOptions } from './options.ts';
import { type Program, startAbreast, type Usage, usageOfTree } from './program.ts';
import { type Counts, readCounts, type Work, writeReport } from './report.ts';
import { type Site, startSite } from './sites.ts';

/** What a run with a queue took, and the same work on shards, which need no queue. */
export interface LoadFigures {
  readonly queue: QueueKind;
  readonly count: number;
  readonly workers: number;
  readonly perOrigin: number;
  readonly rate: number | null;
  readonly delayMs: number;
  readonly queued: Measured;
  readonly sharded: Measured;
}

export interface Measured {
  readonly counts: Counts;
  /** From the first request to the end of the last process. */
  readonly seconds: number;
  /** Until the last answer. */
  readonly fetchSeconds: number;
  readonly programs: readonly (Usage & { readonly name: string })[];
  /** Of the coordinator, while rows were fetched. */
  readonly peakBeforeCrunchMb: number | null;
  /** CPU of all processes but the sites, without their start, by what they are. */
  readonly cpuSeconds: { readonly fetching: number; readonly planning: number; readonly queue: number };
  /** Requests as the sites counted: more than rows where something was fetched again. */
  readonly requests: number;
  /** The most in flight at one site, and the most requests per second there, over 5 s. */
  readonly mostInFlight: number;
  readonly mostRate: number;
  /** Chunk files in the storage, and their bytes; 0 after a run with a queue, which removes them. */
  readonly chunkFiles: number;
  readonly chunkBytes: number;
}

/** Runs the same work twice, with the queue and on shards where these were not measured before. @throws where a process fails, with what it said */
export async function measureLoad(
  options: ScaleOptions,
  folder: string,
  shards: Measured | null,
): Promise<LoadFigures> {
  const { queue, count, workers, perOrigin, rate, delayMs } = options;
  const queued = await measureQueued(options, join(folder, 'queued'));
  const sharded = shards ?? (await measureSharded(options, join(folder, 'sharded')));
  return { queue, count, workers, perOrigin, rate, delayMs, queued, sharded };
}

/** @throws where a process fails, with what it said */
export function measureQueued(options: ScaleOptions, folder: string): Promise<Measured> {
  return withSites(options, folder, runQueued);
}

/** @throws where a process fails, with what it said */
export function measureSharded(options: ScaleOptions, folder: string): Promise<Measured> {
  return withSites(options, folder, runSharded);
}

interface Stage {
  readonly options: ScaleOptions;
  readonly folder: string;
  readonly report: string;
  readonly parts: string;
  readonly watch: SiteWatch;
}

async function withSites(
  options: ScaleOptions,
  folder: string,
  run: (stage: Stage) => Promise<Measured>,
): Promise<Measured> {
  const parts = join(folder, 'parts');
  mkdirSync(parts, { recursive: true });
  const sites = await Promise.all(
    Array.from({ length: options.sites }, (_, number) => startSite(number, folder)),
  );
  const work: Work = { ...options, sites: sites.map(({ url }) => url) };
  const watch = new SiteWatch(sites, options.count);
  try {
    return await run({ options, folder, report: writeReport(folder, work), parts, watch });
  } finally {
    watch.stop();
    await Promise.all(sites.map((site) => site.close()));
  }
}

async function runQueued({ options, folder, report, parts, watch }: Stage): Promise<Measured> {
  const daemon = await (options.queue === 'redis' ? startRedis() : startPostgres());
  try {
    const workers = startWorkers(options.workers, daemon, folder);
    await sleep(3000); // they have started and wait, so that their start is not in the figures
    const before = new Map([...workers].map((worker) => [worker, worker.usage.cpuSeconds]));
    const queueBefore = usageOfTree(daemon.pid).cpuSeconds;
    const args = ['report', report, '--queue', daemon.url, '--parts', parts, '--quiet'];
    const out = join(folder, 'run');
    const coordinator = startAbreast('coordinator', [...args, '--out', out], { cwd: folder });
    const peak = peakUntilCrunch(coordinator, watch);
    await succeeded(coordinator);
    const queueUsage = usageOfTree(daemon.pid);
    const fetching = workers.map((worker) => worker.usage.cpuSeconds - before.get(worker)!);
    const programs = [coordinator, ...workers].map(({ name, usage }) => ({ name, ...usage }));
    for (const worker of workers) worker.child.kill('SIGTERM');
    await Promise.all(workers.map(({ ended }) => ended));
    return {
      ...(await watch.figures()),
      counts: countsOf(folder, coordinator),
      programs: [...programs, { name: options.queue, ...queueUsage }],
      peakBeforeCrunchMb: await peak,
      cpuSeconds: {
        fetching: sum(fetching),
        planning: coordinator.usage.cpuSeconds,
        queue: queueUsage.cpuSeconds - queueBefore,
      },
      ...chunkFilesIn(parts),
    };
  } finally {
    await daemon.close();
  }
}

async function runSharded({ options, folder, report, parts, watch }: Stage): Promise<Measured> {
  const shards = Array.from({ length: options.workers }, (_, at) => {
    const shard = `${at + 1}/${options.workers}`;
    return startAbreast(`shard ${shard}`, ['report', report, '--shard', shard, '--parts', parts, '--quiet'], {
      cwd: folder,
    });
  });
  await Promise.race([watch.begun, ...shards.map(succeeded)]);
  const before = sum(shards.map(({ usage }) => usage.cpuSeconds));
  await Promise.all(shards.map(succeeded));
  const collecting = ['report', report, '--collect', parts, '--out', join(folder, 'run'), '--quiet'];
  const collector = startAbreast('collector', collecting, { cwd: folder });
  await succeeded(collector);
  return {
    ...(await watch.figures()),
    counts: countsOf(folder, collector),
    programs: [collector, ...shards].map(({ name, usage }) => ({ name, ...usage })),
    peakBeforeCrunchMb: null,
    cpuSeconds: {
      fetching: sum(shards.map(({ usage }) => usage.cpuSeconds)) - before,
      planning: collector.usage.cpuSeconds,
      queue: 0,
    },
    ...chunkFilesIn(parts),
  };
}

function startWorkers(count: number, daemon: Daemon, folder: string): readonly Program[] {
  return Array.from({ length: count }, (_, at) =>
    startAbreast(`worker ${at + 1}`, ['worker', '--queue', daemon.url, '--quiet'], { cwd: folder }),
  );
}

/** What the sites count while a run goes on. */
class SiteWatch {
  readonly #sites: readonly Site[];
  readonly #wanted: number;
  readonly #timer: NodeJS.Timeout;
  readonly #begun = Promise.withResolvers<void>();
  #firstMs: number | null = null;
  #lastMs: number | null = null;
  #mostRate = 0;
  /** Requests by site at a time, for the rate; the newest last. */
  #looks: { readonly atMs: number; readonly requests: readonly number[] }[] = [];

  constructor(sites: readonly Site[], wanted: number) {
    this.#sites = sites;
    this.#wanted = wanted;
    this.#timer = setInterval(() => this.#look().catch(() => {}), 200); // a site that is closed says nothing
  }

  /** All rows have been asked for and answered. */
  get isDone(): boolean {
    return this.#lastMs !== null;
  }

  /** The first request has come. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  stop(): void {
    this.#begun.resolve(); // or none ever did
    clearInterval(this.#timer);
  }

  async figures() {
    await this.#look();
    const stats = await Promise.all(this.#sites.map((site) => site.stats()));
    const from = this.#firstMs ?? performance.now();
    return {
      seconds: (performance.now() - from) / 1000,
      fetchSeconds: ((this.#lastMs ?? performance.now()) - from) / 1000,
      requests: sum(stats.map(({ requests }) => requests)),
      mostInFlight: Math.max(...stats.map(({ inFlight }) => inFlight.max)),
      mostRate: this.#mostRate,
    };
  }

  async #look(): Promise<void> {
    const stats = await Promise.all(this.#sites.map((site) => site.stats()));
    const atMs = performance.now();
    const requests = stats.map((each) => each.requests);
    const done = sum(requests) - sum(stats.map(({ inFlight }) => inFlight.now));
    if (sum(requests) > 0) {
      this.#firstMs ??= atMs;
      this.#begun.resolve();
    }
    if (done >= this.#wanted) this.#lastMs ??= atMs;
    while (this.#looks.length > 1 && atMs - this.#looks[1]!.atMs >= 5000) this.#looks.shift();
    const [first] = this.#looks;
    this.#looks.push({ atMs, requests });
    if (first === undefined || atMs - first.atMs < 5000) return;
    const rates = requests.map((now, at) => ((now - first.requests[at]!) / (atMs - first.atMs)) * 1000);
    this.#mostRate = Math.max(this.#mostRate, ...rates);
  }
}

/** The coordinator's peak when the last answer has come: what follows is the crunch, which is the same on one machine. */
async function peakUntilCrunch(coordinator: Program, watch: SiteWatch): Promise<number> {
  while (!watch.isDone && coordinator.child.exitCode === null) await sleep(100);
  return coordinator.usage.peakMb;
}

async function succeeded(program: Program): Promise<void> {
  const code = await program.ended;
  if (code !== 0) throw new Error(`${program.name} ended with ${code}:\n${program.said.trim()}`);
}

function countsOf(folder: string, program: Program): Counts {
  const counts = readCounts(folder);
  if (counts === null) throw new Error(`${program.name} has dumped nothing:\n${program.said.trim()}`);
  return counts;
}

function chunkFilesIn(parts: string): Pick<Measured, 'chunkFiles' | 'chunkBytes'> {
  const files = readdirSync(parts, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.jsonl.zst'),
  );
  return { chunkFiles: files.length, chunkBytes: sum(files.map((name) => statSync(join(parts, name)).size)) };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
