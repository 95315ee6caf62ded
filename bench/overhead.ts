// node bench/overhead.ts: what it costs a program to be watched, in pairs of runs, one watched and one not (docs/watch.md).

import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, type Place, type Sample } from './measure.ts';
import { PEERS, type Peer } from './peers.ts';
import { startServer } from './server.ts';
import { clientEnv, install, programs, versions } from './setup.ts';
import { median } from './summary.ts';
import type { Workload } from './workloads.ts';

const HELP = `node bench/overhead.ts [options]

Runs programs that GET 10,000 answers of 50 ms, 100 at once: as they are, and
under abreast watch, in turns. Prints the medians of what that cost.

  --program NAMES  of fetch,axios,threads,aiohttp,go (all)
  --pairs N        pairs of runs; medians count (7)
  --gets N         GETs a run (10000)
  --no-syscalls    watch from inside alone
  --json FILE      every run's figures
  --help

All of it takes about ten minutes. ABREAST=bin/abreast measures another build.
`;

/** The standard library's client, which the bench does not have: nobody would pick it. */
const THREADS: Peer = {
  name: 'Python threads',
  kind: 'Python',
  needs: 'python',
  argv: ({ urlFile, concurrency, out }) => [
    programs.python,
    join(programs.pythonPeers, 'threads_peer.py'),
    ...[urlFile, String(concurrency), out],
  ],
};

/** Clients by the names that --program takes. */
const PROGRAMS: ReadonlyMap<string, Peer | undefined> = new Map([
  ['fetch', peerNamed('Node fetch')],
  ['axios', peerNamed('axios')],
  ['threads', THREADS],
  ['aiohttp', peerNamed('aiohttp')],
  ['go', peerNamed('Go net/http h1')],
]);

function peerNamed(name: string): Peer | undefined {
  return PEERS.find((peer) => peer.name === name);
}

const DELAY_SECONDS = 0.05;
const AT_ONCE = 100;
const SIZE = 1024;

interface Options {
  readonly peers: readonly Peer[];
  readonly pairs: number;
  readonly gets: number;
  readonly json: string | undefined;
  /** By the probes alone. */
  readonly inside: boolean;
}

/** What `watch` said of a run. */
interface Seen {
  readonly exchanges: number;
  readonly overlap: string;
}

/** One run as the program is, and one under watch. */
interface Pair {
  readonly plain: Sample;
  readonly watched: Sample;
  readonly seen: Seen;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @throws TypeError for what it does not know. */
function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      program: { type: 'string' },
      pairs: { type: 'string', default: '7' },
      gets: { type: 'string', default: '10000' },
      json: { type: 'string' },
      'no-syscalls': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const names = values.program?.split(',') ?? [...PROGRAMS.keys()];
  const peers = names.map((name) => {
    const peer = PROGRAMS.get(name);
    if (peer === undefined) throw new TypeError(`no program is called '${name}'`);
    return peer;
  });
  return {
    peers,
    pairs: positive('--pairs', values.pairs),
    gets: positive('--gets', values.gets),
    json: values.json,
    inside: values['no-syscalls'],
  };
}

function positive(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`${option} takes a whole number above 0, not '${text}'`);
  return Number(text);
}

const workload = (count: number): Workload => ({
  id: 'watch',
  title: 'GETs of 50 ms and 1 KB, 100 at once',
  count,
  concurrency: AT_ONCE,
  size: SIZE,
  idealSeconds: (count / AT_ONCE) * DELAY_SECONDS,
  names: false,
  minRounds: 1,
  url: (index, port) => `https://127.0.0.1:${port}/delay/${DELAY_SECONDS}?size=${SIZE}&i=${index}`,
});

/** The same program under watch, which keeps its trace as it does for a user. */
function watched(peer: Peer, verdict: string, inside: boolean): Peer {
  const recorders = inside ? ['--no-syscalls'] : [];
  const argv: Peer['argv'] = (job) => [
    ...[programs.abreast, 'watch', ...recorders, '--json-file', verdict, '--'],
    ...peer.argv(job),
  ];
  return { ...peer, argv };
}

async function pairOf(peer: Peer, work: Workload, place: Place, inside: boolean): Promise<Pair> {
  const verdict = join(place.scratch, 'verdict.json');
  const plain = await measure(peer, work, place);
  const sample = await measure(watched(peer, verdict, inside), work, place);
  const { exchanges, overlap } = JSON.parse(await readFile(verdict, 'utf8')) as Seen;
  rmSync(verdict);
  return { plain, watched: sample, seen: { exchanges, overlap } };
}

type Column = readonly [title: string, cell: (pairs: readonly Pair[]) => string];

const seconds = (value: (pair: Pair) => number) => (pairs: readonly Pair[]) =>
  median(pairs.map(value)).toFixed(2);
const times = (value: (sample: Sample) => number) => (pairs: readonly Pair[]) =>
  `${median(pairs.map((pair) => value(pair.watched) / value(pair.plain))).toFixed(2)}x`;

const COLUMNS: readonly Column[] = [
  ['wall s', seconds((pair) => pair.plain.wallSeconds)],
  ['watched', seconds((pair) => pair.watched.wallSeconds)],
  ['wall', times((sample) => sample.wallSeconds)],
  ['CPU s', seconds((pair) => pair.plain.cpuSeconds)],
  ['watched', seconds((pair) => pair.watched.cpuSeconds)],
  ['in flight', (pairs) => inFlight(pairs, 'plain')],
  ['watched', (pairs) => inFlight(pairs, 'watched')],
];

function inFlight(pairs: readonly Pair[], which: 'plain' | 'watched'): string {
  return median(pairs.map((pair) => pair[which].server.inFlightMean)).toFixed(0);
}

function table(rows: ReadonlyMap<Peer, readonly Pair[]>): string {
  const cells = [...rows].map(([peer, pairs]) => [peer.name, ...COLUMNS.map(([, cell]) => cell(pairs))]);
  const titles = ['program', ...COLUMNS.map(([title]) => title)];
  const widths = titles.map((title, at) => Math.max(title.length, ...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(titles), `| ${rule.join(' | ')} |`, ...cells.map(line)].join('\n');
}

/** What was not as it should be, a line each: an answer, an exit code, a verdict, a busy machine. */
function problems(peer: Peer, pairs: readonly Pair[], gets: number): string[] {
  const found: string[] = [];
  for (const { plain, watched, seen } of pairs) {
    for (const [name, sample] of Object.entries({ plain, watched })) {
      if (sample.stored.right === gets && sample.exitCode === 0) continue;
      const why = sample.stored.example ?? sample.complaint ?? '';
      found.push(`${name}: ${sample.stored.right} of ${gets} right, exit code ${sample.exitCode}: ${why}`);
    }
    if (seen.exchanges !== gets) found.push(`${seen.exchanges} of ${gets} exchanges seen`);
    if (seen.overlap !== 'abreast') found.push(`the verdict was ${seen.overlap}`);
  }
  const load = median(pairs.map(({ plain }) => plain.otherLoad));
  if (load >= NOISY)
    found.push(`the machine did ${load.toFixed(1)} cores' worth of other work: rough figures`);
  return [...new Set(found)].map((text) => `- ${peer.name}: ${text}`);
}

// Cores' worth of other work at which figures are called rough.
const NOISY = 0.1;

async function bench(options: Options): Promise<void> {
  for (const group of new Set(['tool', 'abreast', ...options.peers.map((peer) => peer.needs)] as const)) {
    say(`setting up: ${group}`);
    const reason = await install(group);
    if (reason !== null) throw new Error(`${group} can't be had: ${reason}`);
  }
  const cpu = cpus()[0]?.model ?? 'unknown CPU';
  console.log(
    `${cpu}, ${availableParallelism()} cores, Linux ${release()}, ${new Date().toISOString().slice(0, 10)}`,
  );
  console.log(await versions());
  const scratch = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'abreast-overhead-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  clientEnv.XDG_CACHE_HOME = scratch;
  const server = await startServer([], programs.tool, join(scratch, 'server.sock'));
  const rows = new Map<Peer, Pair[]>(options.peers.map((peer) => [peer, []]));
  const work = workload(options.gets);
  try {
    const place: Place = { server, clientPrefix: [], scratch, timeoutSeconds: 120 };
    for (let pair = 1; pair <= options.pairs; pair++) {
      for (const [peer, done] of rows) {
        const latest = await pairOf(peer, work, place, options.inside);
        done.push(latest);
        const { plain, watched } = latest;
        say(
          `pair ${pair}: ${peer.name} ${plain.wallSeconds.toFixed(2)} s, watched ${watched.wallSeconds.toFixed(2)} s`,
        );
      }
    }
  } finally {
    await server.stop();
  }
  const { count, title } = work;
  console.log(
    `\n${count.toLocaleString('en')} ${title}; medians of ${options.pairs} pairs\n\n${table(rows)}`,
  );
  const wrong = [...rows].flatMap(([peer, pairs]) => problems(peer, pairs, options.gets));
  if (wrong.length > 0) console.log(`\n${wrong.join('\n')}`);
  if (options.json) {
    const all = Object.fromEntries([...rows].map(([peer, pairs]) => [peer.name, pairs]));
    await writeFile(options.json, JSON.stringify(all, null, 1));
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  else await bench(options);
} catch (error) {
  const usage = error instanceof TypeError;
  say(
    `overhead: ${(error as Error).message}${usage ? '\nnode bench/overhead.ts --help tells what there is' : ''}`,
  );
  process.exitCode = usage ? 2 : 1;
}
