import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Group, programs } from './setup.ts';

/** What one client is to do. */
export interface Job {
  readonly urls: readonly string[];
  /** The same, a line each. */
  readonly urlFile: string;
  readonly concurrency: number;
  /** The file for the answers, or the folder for those who write a file for each. */
  readonly out: string;
  readonly scratch: string;
}

/** A client in the comparison. */
export interface Peer {
  readonly name: string;
  readonly kind: 'abreast' | 'floor' | 'Go' | 'C' | 'Node' | 'Python';
  readonly needs: Group;
  /** Only these workloads. */
  readonly only?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Answers are files in `out`, and standard output lists them. */
  readonly files?: true;
  /** What is made ready before the time starts. */
  prepare?(job: Job): Promise<void>;
  argv(job: Job): readonly string[];
}

function abreast(name: string, options: readonly string[], only?: readonly string[]): Peer {
  const argv = ({ urlFile, concurrency, out }: Job) => [
    programs.abreast,
    ...['get', '-f', urlFile, '-k', '-c', String(concurrency), '-o', out, '-q', ...options],
  ];
  return { name, kind: 'abreast', needs: 'abreast', argv, ...(only && { only }) };
}

function node(name: string, script: string, options: readonly string[] = []): Peer {
  const argv = ({ urlFile, concurrency, out }: Job) => [
    programs.node,
    join(programs.nodePeers, script),
    ...[urlFile, String(concurrency), out, ...options],
  ];
  return { name, kind: 'Node', needs: 'node', argv };
}

/** Node's fetch can be told to trust anybody only by the environment; Node warns about that. */
const TRUST_ANYBODY = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };

function python(name: string, script: string, options: readonly string[] = []): Peer {
  const argv = ({ urlFile, concurrency, out }: Job) => [
    programs.python,
    join(programs.pythonPeers, script),
    ...[urlFile, String(concurrency), out, ...options],
  ];
  return { name, kind: 'Python', needs: 'python', argv };
}

function go(protocol: 'h1' | 'h2'): Peer {
  const argv = ({ urlFile, concurrency, out }: Job) => [
    programs.goPeer,
    ...[protocol, urlFile, String(concurrency), out],
  ];
  return { name: `Go net/http ${protocol}`, kind: 'Go', needs: 'go', argv };
}

/** curl has no JSON lines for many: it writes a file for each, named by its index. */
function curl(protocol: 'h1' | 'h2'): Peer {
  const config = (job: Job) => join(job.scratch, 'curl.config');
  return {
    name: `curl -Z ${protocol}`,
    kind: 'C',
    needs: 'curl',
    files: true,
    prepare: async (job) => {
      await mkdir(job.out, { recursive: true });
      const lines = job.urls.map(
        (url, index) => `url = "${url}"\noutput = "${join(job.out, String(index))}"\n`,
      );
      await writeFile(config(job), lines.join(''));
    },
    argv: (job) => [
      ...[programs.curl, '-q', '-s', '-k', '-Z', '--parallel-max', String(job.concurrency)],
      ...[protocol === 'h2' ? '--http2' : '--http1.1', '-K', config(job)],
      ...['-w', '%{filename_effective} %{http_code} %{size_download}\\n'],
    ],
  };
}

/** Everybody, in the order of their turns. */
export const PEERS: readonly Peer[] = [
  abreast('abreast', []),
  abreast('abreast h1', ['--http1.1'], ['W1a', 'W1b']),
  abreast('abreast h2', ['--http2'], ['W1a', 'W1b']),
  { ...node('node:tls floor', 'tls-floor.js'), kind: 'floor' },
  go('h1'),
  go('h2'),
  curl('h1'),
  curl('h2'),
  node('undici dispatch h1', 'undici-dispatch.js', ['h1']),
  node('undici dispatch h2', 'undici-dispatch.js', ['h2']),
  node('undici request h1', 'undici-request.js', ['h1']),
  { ...node('Node fetch', 'fetch.js'), env: TRUST_ANYBODY },
  node('got', 'got.js'),
  node('axios', 'axios.js'),
  python('aiohttp', 'aiohttp_peer.py'),
  python('httpx h1', 'httpx_peer.py'),
  python('httpx h2', 'httpx_peer.py', ['h2']),
  python('requests threads', 'requests_peer.py'),
  python('grequests', 'grequests_peer.py'),
];
