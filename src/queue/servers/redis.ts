import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { QueueAddress } from '../address.ts';
import { asked, QueueError, wordsOf } from '../error.ts';
import { type Document, type Documents, KEPT_S, tryOut } from './documents.ts';
import { ANSWER_MS, NAMESPACE, type QueueServer } from './server.ts';

/** The version that BullMQ recommends. */
const LEAST_VERSION = [6, 2] as const;

/** Connects, and refuses a server that may lose data. @throws QueueError */
export async function openRedis(address: QueueAddress): Promise<QueueServer> {
  const client = new Redis(address.url, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: null,
    retryStrategy: () => 1000,
    // The check prints a line about a user who may not ask for INFO; we ask, and wait for a Redis that reads its data.
    enableReadyCheck: false,
  });
  // A failed command has its own error; without a listener, each lost connection would be printed.
  client.on('error', () => {});
  const documents = new RedisDocuments(client);
  try {
    await connected(client);
    refuseUnfit(await loadedInfo(client), address);
    await tryOut(documents);
  } catch (error) {
    client.disconnect();
    throw error instanceof QueueError ? error : unusable(address, error);
  }
  return {
    address,
    documents,
    connection: { url: address.url, maxRetriesPerRequest: null, retryStrategy: () => 1000 },
    locksByOwnClock: false,
    close: async () => client.disconnect(),
  };
}

/** The first connection is tried only once, because the address may be mistyped. Later ones are tried again. */
async function connected(client: Redis): Promise<void> {
  const failed = Promise.withResolvers<never>();
  client.once('error', failed.reject);
  await Promise.race([client.connect(), failed.promise]).finally(() => client.off('error', failed.reject));
}

/** What Redis says of itself, when it has read its data from the disk. */
async function loadedInfo(client: Redis): Promise<string> {
  for (;;) {
    const info = await client.info();
    if (!/^loading:1/m.test(info)) return info;
    await sleep(500);
  }
}

function refuseUnfit(info: string, { shown }: QueueAddress): void {
  const of = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const version = of('redis_version') ?? '0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]))
    throw new QueueError(
      `${shown} is Redis ${version}; the queue needs ${LEAST_VERSION.join('.')} or newer.`,
    );
  const policy = of('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    throw new QueueError(
      `${shown} may remove chunks of a run when its memory is full: its maxmemory-policy is ${policy}. ` +
        'Set it to noeviction (in redis.conf, or with CONFIG SET maxmemory-policy noeviction), or name another Redis.',
    );
}

/** What a server that can't be used says, and what to do about it. */
function unusable({ shown, url }: QueueAddress, error: unknown): QueueError {
  const said = wordsOf(error);
  const found = REFUSALS.find(([sign]) => sign.test(said));
  if (found !== undefined) return new QueueError(`${shown} ${found[1](said)}`);
  return new QueueError(`${shown} can't be reached: ${said}. ${adviceOf(said, url.startsWith('rediss:'))}`);
}

const REFUSALS: readonly (readonly [sign: RegExp, text: (said: string) => string])[] = [
  [/WRONGPASS|invalid password/i, () => 'refuses the user or the password in the URL of the queue.'],
  [/NOAUTH/, () => 'wants a password, and the URL of the queue has none: redis://:PASSWORD@HOST:PORT.'],
  [
    /NOPERM/,
    (said) =>
      `can be reached, but the user in its URL may not do what a queue needs (it runs scripts, and its keys are ${NAMESPACE}:*): ${said}.`,
  ],
  [
    /DB index/,
    () => 'has no such database. Their numbers begin with 0; CONFIG GET databases says how many there are.',
  ],
  [
    /^READONLY/,
    () => 'is a read-only replica: a queue has to write. Name its primary in the URL of the queue.',
  ],
  [
    /^OOM/,
    () => 'has no memory left for a queue: its maxmemory is used up. Raise it, or name another Redis.',
  ],
  [/RESP type/, () => 'answers, but not as a Redis does. Is the port right?'],
  // The other errors of Redis begin with such a word.
  [/^[A-Z]{3,} /, (said) => `does not do what a queue needs: ${said}.`],
];

function adviceOf(said: string, isTls: boolean): string {
  if (/certificate|altname/i.test(said))
    return 'NODE_EXTRA_CA_CERTS=FILE names the authority of its certificate.';
  if (isTls) return 'Is Redis running there, and with TLS?';
  return /ECONNRESET|closed/i.test(said)
    ? 'Is Redis running there, and without TLS? With TLS the URL begins with rediss://.'
    : 'Is Redis running there?';
}

const READ = `
  local time = redis.call('TIME')
  local document = redis.call('HMGET', KEYS[1], 'text', 'revision')
  return {time[1], time[2], document[1], document[2]}`;

const REPLACE = `
  local revision = redis.call('HGET', KEYS[1], 'revision') or ''
  if revision ~= ARGV[1] then return 0 end
  if ARGV[2] == '' then redis.call('DEL', KEYS[1]) return 1 end
  redis.call('HSET', KEYS[1], 'text', ARGV[2], 'revision', ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return 1`;

class RedisDocuments implements Documents {
  readonly #client: Redis;

  constructor(client: Redis) {
    this.#client = client;
  }

  async read(name: string): Promise<Document> {
    const [seconds, micros, text, revision] = (await asked(this.#client.eval(READ, 1, keyOf(name)))) as [
      string,
      string,
      string | null,
      string | null,
    ];
    return { text, revision: revision ?? '', nowUs: Number(seconds) * 1e6 + Number(micros) };
  }

  async replace(name: string, { revision }: Document, text: string | null): Promise<boolean> {
    const done = await asked(
      this.#client.eval(REPLACE, 1, keyOf(name), revision, text ?? '', randomUUID(), KEPT_S),
    );
    return done === 1;
  }
}

function keyOf(name: string): string {
  return `${NAMESPACE}:${name}`;
}
