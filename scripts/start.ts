/**
 * `npm start`: the main job, shown. A server in a process of its own; a report of 10,000 GETs against it over HTTPS
 * with 100 in flight, crunched and dumped; and how concurrent they were as each side saw it. `npm start -- 500` does
 * fewer.
 */
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { end, startTethered } from './tethered.ts';

const COUNT = Number(process.argv[2] ?? 10_000);
const DELAY_MS = 100;
/** Mean in flight that a machine with nothing else to do reaches. */
const EXPECTED_MEAN = 95;
/** From so many GETs on its beginning and its end don't count for much. */
const MANY = 5_000;
/** Exit code of a command that was stopped. */
const STOPPED = 3;

const EXAMPLE = join(import.meta.dirname, '../examples/talk.yaml');
const FILES = { ca: 'out/ca.pem', report: 'out/talk.yaml', summary: 'out/summary.json' };

interface InFlight {
  readonly mean: number;
  readonly max: number;
}

/** What of a report's summary is shown. */
interface ClientSummary {
  readonly answered: number;
  readonly report: {
    readonly wallMs: number;
    readonly inFlight: InFlight;
    readonly dumps: readonly { readonly to: string }[];
  };
  readonly trace: string;
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
  rmSync(FILES.summary, { force: true });
  const example = readFileSync(EXAMPLE, 'utf8');
  writeFileSync(
    FILES.report,
    example.replace('range(10000)', `range(${COUNT})`).replace(/\bout\//g, 'dumps/'),
  );
  const server = startTethered(['serve', '--json', '--cacert-out', FILES.ca]);
  try {
    const ready = await readLine(server.stdout!);
    if (ready === undefined) return Number(server.exitCode ?? 1);
    const { httpUrl, httpsUrl } = JSON.parse(ready);
    const code = await report(httpsUrl);
    const client = summary();
    if (client === undefined) return code;
    const stats = (await (await fetch(`${httpUrl}/stats`)).json()) as ServerStats;
    console.log(proof(client, stats));
    console.log(code === STOPPED ? resume() : next(client));
    return code;
  } finally {
    await end(server);
  }
}

/** Runs the command; an interrupt is passed on, so that it finishes what is in flight and says how it ended. */
async function report(url: string): Promise<number> {
  const args = ['report', FILES.report];
  console.log(
    `${COUNT.toLocaleString('en')} GETs of ${DELAY_MS} ms over HTTPS, 100 at once, from a server of this machine,\n` +
      `crunched with SQL and dumped:\n\n  abreast ${args.join(' ')}\n`,
  );
  const child = startTethered([...args, '--json-file', FILES.summary], {
    TEST_SERVER: url,
    SSL_CERT_FILE: FILES.ca,
  });
  child.stdout!.pipe(process.stdout);
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, passOn);
  const [code] = await once(child, 'close');
  for (const signal of signals) process.off(signal, passOn);
  return code ?? 130;
}

function summary(): ClientSummary | undefined {
  try {
    return JSON.parse(readFileSync(FILES.summary, 'utf8'));
  } catch {
    return undefined;
  }
}

function proof({ answered, report: { wallMs, inFlight } }: ClientSummary, stats: ServerStats): string {
  const serialMs = answered * DELAY_MS;
  const rows = [
    ['', 'answered', 'in flight, mean', 'max'],
    ['client', answered.toLocaleString('en'), inFlight.mean.toFixed(1), `${inFlight.max}`],
    ['server', stats.requests.toLocaleString('en'), stats.inFlight.mean.toFixed(1), `${stats.inFlight.max}`],
  ];
  const lines = rows.map(
    ([side, ...cells]) => `  ${side!.padEnd(8)}${cells.map((cell) => cell.padStart(17)).join('')}`,
  );
  lines.push(
    '',
    `  One after another they would take at least ${(serialMs / 1000).toFixed(0)} s: ${(serialMs / wallMs).toFixed(0)} times as long.`,
  );
  if (answered >= MANY && Math.min(inFlight.mean, stats.inFlight.mean) < EXPECTED_MEAN) {
    lines.push(`  A mean of ${EXPECTED_MEAN} was expected: is this machine busy with something else?`);
  }
  return `\nProof, from both sides:\n\n${lines.join('\n')}\n`;
}

function next({ report: { dumps }, trace }: ClientSummary): string {
  const written = dumps.map(({ to }) => to).filter((to) => to !== 'terminal');
  const files = [...written, trace].map((file) => `  ${kilobytes(file).padStart(10)}  ${relative(file)}`);
  const commands = [
    ['bin/abreast report init', 'a report of your own, which runs as it is'],
    ['bin/abreast get https://example.com/ -n 20 -c 5', 'many GETs without a report'],
    ['bin/abreast serve', 'the test server, for any HTTP client'],
  ];
  const lines = commands.map(([command, what]) => `  ${styleText('bold', command!.padEnd(52))}${what}`);
  return `Files:\n${files.join('\n')}\n\nTry next:\n${lines.join('\n')}`;
}

function resume(): string {
  return 'Stopped before the end; `npm start` starts again.';
}

function relative(file: string): string {
  const here = `${process.cwd()}/`;
  return file.startsWith(here) ? file.slice(here.length) : file;
}

function kilobytes(file: string): string {
  return `${Math.ceil(statSync(file).size / 1000).toLocaleString('en')} kB`;
}

/** The first line; undefined when it ends without one. */
async function readLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}
