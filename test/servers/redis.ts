import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type Daemon, startDaemon } from './daemon.ts';
import { commandAt } from './installed.ts';
import { freePort } from './ports.ts';

const COMMAND = commandAt('redis-server') ?? commandAt('valkey-server');

/** For `skip` of a test: why there is no Redis here, or false. */
export const NO_REDIS = COMMAND === undefined && 'needs redis-server: scripts/system.sh redis-server';

export interface RedisOptions {
  /** The address it listens at; 127.0.0.1. */
  readonly host?: string;
  readonly password?: string;
  /** noeviction, which a queue needs. */
  readonly maxmemoryPolicy?: string;
}

/** A Redis with an append-only file, in a folder and on a port of its own. Whoever starts it closes it. */
export async function startRedis(options: RedisOptions = {}): Promise<Daemon> {
  const { host = '127.0.0.1', password, maxmemoryPolicy = 'noeviction' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'abreast-redis-'));
  const port = await freePort();
  const url = `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}${host}:${port}`;
  const settings: Record<string, string> = {
    port: `${port}`,
    bind: host,
    'protected-mode': 'no',
    dir: folder,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': maxmemoryPolicy,
    ...(password !== undefined && { requirepass: password }),
  };
  return startDaemon({
    url,
    command: COMMAND!,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    folder,
    stopSignal: 'SIGTERM',
    greet: () => ping(url),
  });
}

async function ping(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => {}); // connect() rejects with the same
  try {
    await client.connect(); // waits until the append-only file is read
    await client.ping();
  } finally {
    client.disconnect();
  }
}
