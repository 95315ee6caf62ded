// npm run bench: abreast beside what else one would pick, on the same server, in one run (docs/bench.md).

import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, type Place, type Sample } from './measure.ts';
import { startNames } from './names.ts';
import { PEERS, type Peer } from './peers.ts';
import { startServer } from './server.ts';
import { type Group, install, programs, versions } from './setup.ts';
import { type Outcome, type Row, summarize } from './summary.ts';
import { table } from './table.ts';
import { targetLines, targets } from './targets.ts';
import { type Workload, workloads } from './workloads.ts';

const HELP = `npm run bench -- [options]

Measures abreast beside other clients: wall time, CPU a request, memory, what
was in flight at the server; checks every stored answer.

  --workload IDS   of start,W1a,W1b,W2,W3,W4,W5 (all)
  --peer NAMES     only peers whose name begins so, e.g. abreast,Go,undici (all)
  --rounds N       rounds, interleaved; medians count (3)
  --timeout S      a client is killed after so many seconds (30)
  --quick          a tenth of the GETs: a look, no result
  --json FILE      every run's figures
  --help

  npm run bench -- --workload W2,W3 --peer abreast,Go --rounds 5
`;

// A peer that needs longer than this in the first round is not asked again: it is not close.
const SLOW_SECONDS = 15;

interface Options {
  readonly chosen: readonly Workload[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
  readonly timeoutSeconds: number;
  readonly quick: boolean;
  readonly json: string | undefined;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** @throws TypeError for what it does not know. */
function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      workload: { type: 'string' },
      peer: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      timeout: { type: 'string', default: '30' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    chosen: choose(workloads(values.quick ? 0.1 : 1), values.workload, (workload, id) => workload.id === id),
    peers: choose(PEERS, values.peer, (peer, name) => peer.name.startsWith(name)),
    rounds: positive('--rounds', values.rounds),
    timeoutSeconds: positive('--timeout', values.timeout),
    quick: values.quick,
    json: values.json,
  };
}

function positive(option: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`${option} takes a whole number above 0, not '${text}'`);
  return Number(text);
}

function choose<T>(
  all: readonly T[],
  wanted: string | undefined,
  is: (one: T, name: string) => boolean,
): readonly T[] {
  const names = wanted?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !all.some((one) => is(one, name)));
  if (unknown !== undefined) throw new TypeError(`nothing is called '${unknown}'`);
  return names ? all.filter((one) => names.some((name) => is(one, name))) : all;
}

/** Installs what is needed. Peers that can't be are left out, with the reason. */
async function installFor(peers: readonly Peer[]): Promise<readonly Peer[]> {
  const missing = new Map<Group, string>();
  for (const group of new Set<Group>(['tool', ...peers.map((peer) => peer.needs)])) {
    say(`setting up: ${group}`);
    const reason = await install(group);
    if (reason !== null) missing.set(group, reason);
  }
  const noTool = missing.get('tool');
  if (noTool !== undefined) throw new Error(`no server to measure with; it is built by Go: ${noTool}`);
  const there = peers.filter((peer) => !missing.has(peer.needs));
  for (const peer of peers)
    if (missing.has(peer.needs)) say(`left out: ${peer.name}: ${missing.get(peer.needs)}`);
  return there;
}

/** One core for the server and one for the client; none pinned where there is only one. */
const PINS =
  availableParallelism() > 1 ? { server: ['taskset', '-c', '0'], client: ['taskset', '-c', '1'] } : null;

/** Sets up the server for a workload, lets `work` happen there, and takes all down. */
async function at<T>(workload: Workload, options: Options, work: (place: Place) => Promise<T>): Promise<T> {
  const scratch = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'abreast-bench-'));
  const remove = () => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', remove);
  const pin = PINS?.server ?? [];
  const names = workload.names ? await startNames(pin, programs.tool, scratch) : null;
  const inside = names?.prefix ?? [];
  const server = await startServer([...inside, ...pin], programs.tool, join(scratch, 'server.sock'));
  try {
    const clientPrefix = [...inside, ...(PINS?.client ?? [])];
    return await work({ server, clientPrefix, scratch, timeoutSeconds: options.timeoutSeconds });
  } finally {
    await server.stop();
    await names?.stop();
    process.off('exit', remove);
    remove();
  }
}

async function runRounds(workload: Workload, peers: readonly Peer[], options: Options): Promise<Outcome> {
  const runners = peers.filter((peer) => peer.only?.includes(workload.id) ?? true);
  const samples = new Map<Peer, Sample[]>(runners.map((peer) => [peer, []]));
  await at(workload, options, async (place) => {
    for (let round = 0; round < Math.max(options.rounds, workload.minRounds); round++) {
      for (const [peer, done] of samples) {
        if ((done[0]?.wallSeconds ?? 0) > SLOW_SECONDS) continue;
        const sample = await measure(peer, workload, place);
        done.push(sample);
        say(`${workload.id} round ${round + 1}: ${peer.name} ${sample.wallSeconds.toFixed(2)} s`);
      }
    }
  });
  return { workload, samples };
}

function heading({ id, title, count, idealSeconds }: Workload, rounds: number): string {
  const ideal = idealSeconds === null ? '' : `; ideal ${idealSeconds.toFixed(2)} s`;
  return `\n### ${id}: ${count.toLocaleString('en')} ${title}${ideal}; median of ${rounds}\n`;
}

async function bench(options: Options): Promise<void> {
  const peers = await installFor(options.peers);
  const summaries = new Map<string, readonly Row[]>();
  const outcomes: Outcome[] = [];
  console.log(
    `${cpus()[0]?.model ?? 'unknown CPU'}, Linux ${release()}, ${new Date().toISOString().slice(0, 10)}`,
  );
  console.log(await versions());
  if (PINS === null) console.log('Only one core: server and clients share it.');
  for (const workload of options.chosen) {
    const rounds = Math.max(options.rounds, workload.minRounds);
    const outcome = await runRounds(workload, peers, options).catch((error: Error) => {
      console.log(`${heading(workload, rounds)}\nskipped: ${error.message}`);
      return null;
    });
    if (outcome === null) continue;
    const rows = summarize(outcome);
    outcomes.push(outcome);
    summaries.set(workload.id, rows);
    console.log(`${heading(workload, rounds)}\n${table(rows)}`);
  }
  console.log(`\n${targetLines(targets(summaries))}`);
  if (options.quick) console.log('\n--quick: start-up weighs ten times as much as in a whole run.');
  if (options.json) await writeFile(options.json, JSON.stringify(everything(outcomes), null, 1));
}

function everything(outcomes: readonly Outcome[]): unknown {
  return outcomes.map(({ workload, samples }) => ({
    ...workload,
    rows: summarize({ workload, samples }),
    samples: Object.fromEntries([...samples].map(([peer, runs]) => [peer.name, runs])),
  }));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  else await bench(options);
} catch (error) {
  const usage = error instanceof TypeError;
  say(`bench: ${(error as Error).message}${usage ? '\nnpm run bench -- --help tells what there is' : ''}`);
  process.exitCode = usage ? 2 : 1;
}
