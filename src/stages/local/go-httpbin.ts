import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run, start } from '../child.ts';
import { locked } from '../environments/lock.ts';
import { StagesError } from '../error.ts';
import type { Say } from '../place.ts';
import { answeredIn, inFlightOf, type Span } from './in-flight.ts';
import { freePort, listening } from './ports.ts';
import type { Server, Serving } from './server.ts';

const MODULE = 'github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin@v2.18.2';

/** Where go-httpbin is: on PATH, where `go install` puts it, or built before. */
export function findGoHttpbin(cache: string, environment = process.env): string | undefined {
  const go = environment.GOPATH?.split(delimiter)[0] ?? join(homedir(), 'go');
  const folders = [
    ...(environment.PATH ?? '').split(delimiter),
    environment.GOBIN ?? '',
    join(go, 'bin'),
    join(cache, 'bin'),
  ];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, 'go-httpbin'))
    .find((file) => existsSync(file));
}

/** Builds it into the cache; gives the file, or why it can't be had. */
export async function buildGoHttpbin(
  cache: string,
  say: Say,
  signal: AbortSignal,
): Promise<{ readonly file: string } | { readonly why: string }> {
  const bin = join(cache, 'bin');
  const work = join(cache, 'go');
  const file = join(bin, 'go-httpbin');
  return locked(join(cache, 'go-httpbin.lock'), say, signal, async () => {
    if (existsSync(file)) return { file };
    say('go-httpbin: go install, once');
    try {
      await mkdir(bin, { recursive: true });
      const env = {
        ...process.env,
        GOBIN: bin,
        GOPATH: work,
        GOCACHE: join(work, 'cache'),
        GOFLAGS: '-modcacherw',
      };
      const { code, err } = await run(['go', 'install', MODULE], { env, signal });
      return code === 0 ? { file } : { why: `go install ${MODULE}: ${err.trim().split('\n').at(-1)}` };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { why: 'go-httpbin is not installed, and neither is go, which would build it' };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

/** PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/**
 * From v2.18 on it drops a connection whose request has not come within 1 s, and a client that does one after the
 * other has connected to all before: requests would fail, and the program look fast.
 */
const PATIENT = ['-srv-read-header-timeout', '300s', '-srv-read-timeout', '300s'];

/** Another process may take the port between our asking for a free one and the server's. */
const MOST_TRIES = 5;

/** Serves from go-httpbin, a process for each server. */
export function goHttpbin(file: string, certificate: CertificateFiles): Serving {
  const tls = ['-https-cert-file', certificate.cert, '-https-key-file', certificate.key];
  return {
    note: null,
    async start(protocol, signal) {
      const command = [file, '-host', '127.0.0.1', '-log-format', 'json', ...PATIENT];
      if (protocol === 'https') command.push(...tls);
      let said = '';
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const started = await startOnce(command, protocol, signal);
        if ('origin' in started) return started;
        said = started.said;
        if (!/address already in use/.test(said)) break;
      }
      throw new StagesError(`${file} does not start: ${said}. Remove it to have one built or embedded`);
    },
  };
}

async function startOnce(
  command: readonly string[],
  protocol: string,
  signal: AbortSignal,
): Promise<Server | { readonly said: string }> {
  const port = await freePort();
  const spans: Span[] = [];
  const child = start([...command, '-port', `${port}`], {
    signal,
    onLine: (line) => {
      const answered = answeredIn(line);
      if (answered !== null) spans.push(answered);
    },
  });
  let runs = true;
  const ended = child.ended.finally(() => {
    runs = false;
  });
  ended.catch(() => {}); // told below
  if (!(await listening(port, () => runs))) {
    const { out, err } = await ended;
    signal.throwIfAborted();
    return { said: `${out}\n${err}`.trim().split('\n')[0]! };
  }
  return {
    origin: `${protocol}://127.0.0.1:${port}`,
    inFlight: () => inFlightOf(spans),
    async close() {
      child.stop();
      await ended;
    },
  };
}
