/**
 * `npm start`: the main job, shown. A server in a process of its own, 10,000 GETs against it over HTTPS with 100 in
 * flight, and how concurrent they were as each side saw it. `npm start -- 500` does fewer.
 */
import { once } from 'node:events';
import { mkdirSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';
import { end, startTethered } from './tethered.ts';

const COUNT = Number(process.argv[2] ?? 10_000);
const AT_ONCE = 100;
const DELAY_S = 0.1;
/** Mean in flight that a machine with nothing else to do reaches. */
const EXPECTED_MEAN = 95;
/** Exit code of a command that was stopped. */
const STOPPED = 3;
const FILES = { ca: 'out/ca.pem', results: 'out/results.jsonl', trace: 'out/trace.jsonl.zst' };

interface InFlight {
  readonly mean: number;
  readonly max: number;
}

/** What of `abreast get --json` is shown. */
interface ClientSummary {
  readonly answered: number;
  readonly wallMs: number;
  readonly inFlight: InFlight;
  readonly get: { readonly exitCode: number };
}

/** What of the server's /stats is shown. */
interface ServerStats {
  readonly requests: number;
  readonly inFlight: InFlight;
}

if (!Number.isSafeInteger(COUNT) || COUNT < 1) {
  console.error(`start: '${process.argv[2]}' is no number of GETs; \`npm start\` alone does 10,000`);
  process.exit(2);
}
process.exitCode = await main();

async function main(): Promise<number> {
  mkdirSync('out', { recursive: true });
  const server = startTethered(['serve', '--json', '--cacert-out', FILES.ca]);
  try {
    const ready = await readLine(server.stdout!);
    if (ready === undefined) return Number(server.exitCode ?? 1);
    const { httpUrl, httpsUrl } = JSON.parse(ready);
    const client = await get(`${httpsUrl}/delay/${DELAY_S}`);
    if (client.summary === undefined) return client.exitCode;
    const stats = (await (await fetch(`${httpUrl}/stats`)).json()) as ServerStats;
    console.log(proof(client.summary, stats));
    console.log(client.exitCode === STOPPED ? 'Stopped before the end; `npm start` begins anew.' : next());
    return client.exitCode;
  } finally {
    await end(server);
  }
}

/** Runs the command; an interrupt is passed on, so that it finishes what is in flight and says how it ended. */
async function get(url: string): Promise<{ exitCode: number; summary?: ClientSummary }> {
  const shown = [url, '-n', `${COUNT}`, '-c', `${AT_ONCE}`, '--cacert', FILES.ca, '-o', FILES.results];
  const args = ['get', ...shown, '--trace', FILES.trace];
  console.log(
    `${COUNT.toLocaleString('en')} GETs of ${DELAY_S * 1000} ms over HTTPS, ${AT_ONCE} at once, from a server of this machine:\n`,
  );
  console.log(`  abreast ${args.join(' ')}\n`);

  const child = startTethered([...args, '--force', '--json', '--expect', `${Math.min(AT_ONCE, COUNT)}`]);
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, passOn);
  const [json, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  for (const signal of signals) process.off(signal, passOn);
  return { exitCode: code ?? 130, ...(json !== '' && { summary: JSON.parse(json) }) };
}

function proof({ answered, wallMs, inFlight }: ClientSummary, stats: ServerStats): string {
  const serialMs = answered * DELAY_S * 1000;
  const rows = [
    ['', 'answered', 'in flight, mean', 'max'],
    ['client', answered.toLocaleString('en'), inFlight.mean.toFixed(1), `${inFlight.max}`],
    ['server', stats.requests.toLocaleString('en'), stats.inFlight.mean.toFixed(1), `${stats.inFlight.max}`],
  ];
  const lines = rows.map(
    ([side, ...cells]) => `  ${side!.padEnd(8)}${cells.map((cell) => cell.padStart(17)).join('')}`,
  );
  const times = (serialMs / wallMs).toFixed(0);
  lines.push(
    '',
    `  One after another they would take at least ${(serialMs / 1000).toFixed(0)} s: ${times} times as long.`,
  );
  if (answered >= 50 * AT_ONCE && Math.min(inFlight.mean, stats.inFlight.mean) < EXPECTED_MEAN) {
    lines.push(`  A mean of ${EXPECTED_MEAN} was expected: is this machine busy with something else?`);
  }
  return `\nProof, from both sides:\n\n${lines.join('\n')}\n`;
}

function next(): string {
  const files = [FILES.results, FILES.trace].map(
    (file) => `  ${file.padEnd(24)}${kilobytes(file).padStart(10)}`,
  );
  const commands = [
    ['bin/abreast get https://example.com/ -n 20 -c 5', 'the same on a server of yours'],
    ['bin/abreast serve', 'the test server, for any HTTP client'],
    ['bin/abreast get --help', 'files in, files out, limits, retries'],
  ];
  const lines = commands.map(([command, what]) => `  ${styleText('bold', command!.padEnd(52))}${what}`);
  return `Files:\n${files.join('\n')}\n\nTry next:\n${lines.join('\n')}`;
}

function kilobytes(file: string): string {
  return `${Math.ceil(statSync(file).size / 1000).toLocaleString('en')} kB`;
}

/** The first line; undefined when it ends without one. */
async function readLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}
