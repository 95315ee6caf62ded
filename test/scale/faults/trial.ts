import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Daemon, startPostgres, startRedis } from '../../servers/index.ts';
import { type Network, startNetwork } from '../network.ts';
import type { QueueKind } from '../options.ts';
import { type Program, startAbreast } from '../program.ts';
import { type Counts, readCounts, writeReport } from '../report.ts';
import type { Kind } from './kind.ts';
import { type RowSite, startRowSite } from './row-site.ts';

/** One run in which something failed, and what came of it. */
export interface Trial {
  readonly kind: Kind;
  /** What was done, and when: at which share of the requests. */
  readonly at: number;
  readonly counts: Counts | null;
  readonly seconds: number;
  /** Rows that the site was asked for more than once. */
  readonly again: number;
  /** From the fault until the last of the chunks that were fetched again had been begun again; null where none was. */
  readonly handedOnSeconds: number | null;
  /** Empty where nothing is lost and nothing is there twice. */
  readonly wrong: readonly string[];
}

export interface Conditions {
  /** Of workers and coordinators that fail; servers and networks fail on their own. */
  readonly queue: QueueKind;
  readonly rows: number;
  readonly workers: number;
  /** GETs in flight, of all workers. */
  readonly inFlight: number;
  readonly delayMs: number;
  readonly cutSeconds: number;
  /** For the processes of abreast. */
  readonly env: Readonly<Record<string, string>>;
}

/** What there is while a fault happens. */
interface Stage {
  readonly conditions: Conditions;
  readonly daemon: Daemon;
  readonly network: Network | null;
  readonly workers: readonly Program[];
  readonly coordinator: Program;
  /** Starts the coordinator once more, where the first one left off. */
  resume(): Program;
}

/** Rows of a chunk, as the command divides a report. */
const CHUNK_ROWS = 500;
const LIMIT_MS = 240_000;

/** Each does its fault, and gives the coordinator that ends the run. */
const FAULTS: Readonly<Record<Kind, (stage: Stage, random: () => number) => Promise<Program>>> = {
  async worker({ workers, coordinator }, random) {
    await kill(workers[Math.floor(random() * workers.length)]!);
    return coordinator;
  },
  async coordinator({ coordinator, resume }) {
    await kill(coordinator);
    return resume();
  },
  async redis({ daemon, coordinator }) {
    await daemon.kill();
    await sleep(1000);
    await daemon.start();
    return coordinator;
  },
  async postgres({ daemon, coordinator }) {
    await daemon.kill();
    await sleep(1000);
    await daemon.start();
    return coordinator;
  },
  async network({ network, coordinator, conditions }) {
    network!.cut();
    await sleep(conditions.cutSeconds * 1000);
    network!.mend();
    return coordinator;
  },
};

/** @param number names the trial: of those that run at the same time, each has another one */
export async function runTrial(
  kind: Kind,
  number: number,
  folder: string,
  conditions: Conditions,
  random: () => number = Math.random,
): Promise<Trial> {
  const parts = join(folder, 'parts');
  mkdirSync(parts, { recursive: true });
  const host = kind === 'network' ? '0.0.0.0' : '127.0.0.1';
  const site = await startRowSite(conditions.delayMs, host);
  const isOnPostgres =
    kind === 'postgres' || (conditions.queue === 'postgres' && kind !== 'redis' && kind !== 'network');
  const daemon = await (isOnPostgres ? startPostgres() : startRedis({ host }));
  const network = kind === 'network' ? startNetwork(number % 100) : null;
  const programs: Program[] = [];
  const begin = (...of: Parameters<typeof startAbreast>) => {
    const program = startAbreast(...of);
    programs.push(program);
    return program;
  };
  try {
    const startedMs = performance.now();
    const place = { cwd: folder, env: conditions.env };
    const urlAt = (address: string) => daemon.url.replace('0.0.0.0', address);
    const workers = Array.from({ length: conditions.workers }, (_, at) =>
      at === 0 && network !== null
        ? begin('the worker that is cut off', ['worker', '--queue', urlAt(network.queueHost)], {
            ...place,
            under: network.under,
          })
        : begin(`worker ${at + 1}`, ['worker', '--queue', urlAt('127.0.0.1')], place),
    );
    const report = writeReport(folder, {
      count: conditions.rows,
      sites: [`http://${network?.siteHost ?? '127.0.0.1'}:${site.port}`],
      perOrigin: conditions.inFlight,
      rate: null,
      delayMs: conditions.delayMs,
    });
    const args = [
      'report',
      report,
      '--queue',
      urlAt('127.0.0.1'),
      '--parts',
      parts,
      '--out',
      join(folder, 'run'),
    ];
    const coordinator = begin('the coordinator', args, place);
    const resume = () => begin('the coordinator, resumed', [...args, '--resume'], place);
    const at = 0.05 + 0.75 * random();
    while (site.asked.length < at * conditions.rows && coordinator.child.exitCode === null) await sleep(10);
    const faultMs = performance.now();
    const last = await FAULTS[kind]({ conditions, daemon, network, workers, coordinator, resume }, random);
    const code = await within(last.ended, LIMIT_MS);
    const counts = readCounts(folder);
    return {
      kind,
      at,
      counts,
      seconds: (performance.now() - startedMs) / 1000,
      ...askedAgain(site, faultMs),
      wrong: wrongOf(conditions, counts, code, last),
    };
  } finally {
    await Promise.all(programs.map(kill));
    network?.close();
    await Promise.all([daemon.close(), site.close()]);
  }
}

function wrongOf(
  { rows }: Conditions,
  counts: Counts | null,
  code: number | null | 'late',
  { name, said }: Program,
): string[] {
  if (code === 'late') return [`${name} had not ended after ${LIMIT_MS / 1000} s:\n${said.trim()}`];
  if (counts === null) return [`${name} ended with ${code} and dumped nothing:\n${said.trim()}`];
  return [
    ...(counts.rows < rows ? [`${rows - counts.rows} of ${rows} rows are lost`] : []),
    ...(counts.results > counts.rows ? [`${counts.results - counts.rows} results are there twice`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} rows are errors`] : []),
    ...(code === 0 ? [] : [`${name} ended with ${code}:\n${said.trim()}`]),
  ];
}

/** By what the site has logged: which rows it was asked for twice, and when the chunks of those were begun again. */
function askedAgain(site: RowSite, faultMs: number): Pick<Trial, 'again' | 'handedOnSeconds'> {
  const times = new Map<number, number[]>();
  for (const { row, atMs } of site.asked) times.set(row, [...(times.get(row) ?? []), atMs]);
  const begun = new Map<number, number>();
  let again = 0;
  for (const [row, asked] of times) {
    if (asked.length < 2) continue;
    again++;
    const second = asked.find((ms, at) => at > 0 && ms > faultMs);
    const chunk = Math.floor(row / CHUNK_ROWS);
    if (second !== undefined)
      begun.set(chunk, Math.min(second, begun.get(chunk) ?? Number.POSITIVE_INFINITY));
  }
  return { again, handedOnSeconds: begun.size === 0 ? null : (Math.max(...begun.values()) - faultMs) / 1000 };
}

async function kill({ child, ended }: Program): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T | 'late'> {
  const over = new AbortController();
  const late = sleep(ms, 'late' as const, { signal: over.signal }).catch(() => 'late' as const);
  const first = await Promise.race([promise, late]);
  over.abort();
  return first;
}
