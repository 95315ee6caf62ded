import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Stats, TestServer } from '../testserver/index.ts';
import { path } from './path.ts';

interface ServeFlags {
  readonly http: number;
  readonly https: number;
  readonly host: string;
  readonly name: readonly string[];
  readonly cacertOut?: string;
  readonly maxStreams: number;
  /** false: --no-http2. */
  readonly http2: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  abreast serve
  abreast serve --http 8080 --https 8443 --cacert-out ca.pem
  abreast serve --host 0.0.0.0          then every 127.x.y.z is a separate host
  curl -s http://127.0.0.1:8080/stats   the number in flight, counted by the server

GET / lists the routes: those of httpbin, and /fault/... to inject faults.`;

/** `abreast serve`: the test server until Ctrl-C, then what it counted. */
export function serveCommand(): Command {
  return new Command('serve')
    .description('run a test server for HTTP clients, which counts the requests in flight')
    .option('--http <port>', 'port for HTTP, 0 for a free one', port, 0)
    .option('--https <port>', 'port for HTTPS: HTTP/1.1 and HTTP/2, 0 for a free one', port, 0)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .addOption(
      new Option('--name <name>', 'a further name in the certificate; may be repeated')
        .argParser(collectName)
        .default([], 'none'),
    )
    .option('--cacert-out <file>', 'write the certificate to this file (default: a temporary file)', path())
    .option('--max-streams <n>', 'requests that one HTTP/2 connection may have in flight', streams, 250)
    .option('--no-http2', 'speak HTTP/1.1 only')
    .option('--json', 'print one line of JSON when ready, and one of counts at the end')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ServeFlags, command: Command) => {
      const stop = new Promise<void>((done) => {
        // Heard to the end: a signal to the whole process group comes twice where a wrapper passes it on.
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => done());
        // Forked for a report: it ends with that, however that ends.
        process.once('disconnect', done);
      });
      await using running = await start(flags, command);
      console.log(flags.json ? JSON.stringify(readyRecord(running)) : readyText(running, flags));
      await stop;
      const stats = running.server.stats();
      console.log(flags.json ? JSON.stringify({ stats }) : statsText(stats));
    });
}

interface Running extends AsyncDisposable {
  readonly server: TestServer;
  readonly caFile: string;
}

async function start(flags: ServeFlags, command: Command): Promise<Running> {
  const { makeCertificate, startServer } = await import('../testserver/index.ts');
  const certificate = await makeCertificate({ names: flags.name });
  const caFile = resolve(flags.cacertOut ?? join(mkdtempSync(join(tmpdir(), 'abreast-serve-')), 'ca.pem'));
  const removeCa = () => {
    if (flags.cacertOut === undefined) rmSync(dirname(caFile), { recursive: true, force: true });
  };
  try {
    writeFileSync(caFile, certificate.cert);
    const server = await startServer({
      host: flags.host,
      httpPort: flags.http,
      httpsPort: flags.https,
      certificate,
      maxStreams: flags.maxStreams,
      http2: flags.http2,
    });
    const stop = async () => {
      removeCa();
      await server.close();
    };
    return { server, caFile, [Symbol.asyncDispose]: stop };
  } catch (error) {
    removeCa();
    return command.error(`error: ${reasonOf(error as NodeJS.ErrnoException, flags)}`, { exitCode: 2 });
  }
}

/** What the operating system refused, and what to do. Throws what it did not refuse. */
function reasonOf(error: NodeJS.ErrnoException & { port?: number }, flags: ServeFlags): string {
  const option = error.port === flags.http ? '--http' : '--https';
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${error.port} of ${flags.host} is taken: choose another with ${option}, or ${option} 0 for a free one`;
    case 'EACCES':
      if (error.syscall !== 'listen') break;
      return `port ${error.port} needs more rights: choose one from 1024 on with ${option}, or ${option} 0`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${flags.host} is no address of this machine: choose another with --host`;
  }
  if (error.syscall === 'open') return `can't write the certificate to ${flags.cacertOut}: ${error.message}`;
  throw error;
}

function readyRecord({ server, caFile }: Running) {
  const { httpPort, httpsPort, httpUrl, httpsUrl } = server;
  return { pid: process.pid, httpPort, httpsPort, httpUrl, httpsUrl, ca: caFile };
}

function readyText({ server, caFile }: Running, flags: ServeFlags): string {
  const names = ['localhost', '127.0.0.1', '::1', ...flags.name].join(', ');
  return `http         ${server.httpUrl}
https        ${server.httpsUrl}  ${flags.http2 ? 'HTTP/1.1 and HTTP/2' : 'HTTP/1.1'}
certificate  ${caFile}
             for ${names}

Try in another terminal:

  abreast get ${server.httpsUrl}/delay/0.1 -n 1000 -c 100 --cacert ${caFile} -o /dev/null
  curl ${server.httpUrl}/stats

Ctrl-C ends it.`;
}

function statsText({ requests, byProtocol, inFlight, connections }: Stats): string {
  if (requests === 0) return 'no requests';
  const protocols = Object.entries(byProtocol).map(([name, count]) => `${count} ${name}`);
  return [
    `${requests} requests (${protocols.join(', ')}) on ${connections.opened} connections`,
    `in flight: mean ${(inFlight.mean ?? 0).toFixed(1)}, max ${inFlight.max}`,
  ].join('; ');
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

function streams(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number from 1 on.');
}

function collectName(text: string, before: readonly string[]): readonly string[] {
  if (/^[\w*.:-]+$/.test(text)) return [...before, text];
  throw new InvalidArgumentError('It is a host name or an IP address.');
}
