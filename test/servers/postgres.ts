import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Daemon, startDaemon } from './daemon.ts';
import { commandAt } from './installed.ts';
import { freePort } from './ports.ts';

const INITDB = commandAt('initdb');
const POSTGRES = commandAt('postgres');
const OWNER = owner();

/** For `skip` of a test: why there is no PostgreSQL here, or false. */
export const NO_POSTGRES =
  INITDB === undefined || POSTGRES === undefined
    ? 'needs PostgreSQL: scripts/system.sh postgresql'
    : OWNER === null && 'PostgreSQL refuses to run as root, and there is no user postgres or nobody';

/** PostgreSQL with a cluster and a port of its own, database and superuser `postgres`. Whoever starts it closes it. */
export async function startPostgres({ host = '127.0.0.1' }: { host?: string } = {}): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-postgres-'));
  const who = OWNER ?? {};
  if ('uid' in who) {
    chownSync(folder, who.uid, who.gid);
    // Tests have a scratch folder of their own, which only its owner may enter.
    if (process.env.TMPDIR !== undefined) chmodSync(process.env.TMPDIR, 0o711);
  }
  const data = join(folder, 'data');
  const options = { ...who, env: { ...process.env, TMPDIR: folder, LC_ALL: 'C' } };
  await promisify(execFile)(
    INITDB!,
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'],
    { ...options, cwd: '/' },
  );
  const port = await freePort();
  const url = `postgres://postgres@${host}:${port}/postgres`;
  const settings = [`port=${port}`, `listen_addresses=${host}`, `unix_socket_directories=${folder}`];
  return startDaemon({
    url,
    command: POSTGRES!,
    args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    options,
    folder,
    stopSignal: 'SIGINT',
    greet: () => ask(url),
  });
}

async function ask(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {}); // connect() rejects with the same
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end().catch(() => {}); // it may never have been connected
  }
}

/** As whom PostgreSQL runs: as this user, but never as root; null where there is nobody else. */
function owner(): { uid: number; gid: number } | Record<string, never> | null {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return found === undefined ? null : { uid: Number(found[2]), gid: Number(found[3]) };
}
