import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { written } from '../report/run/real.ts';
import { report, startSite, until, worker } from './runs.ts';
import { folderOf, onBoth } from './servers.ts';

const REPORT = `
name: secret
rows: { sql: "select range as id, 'R0W-DATA' as word from range(60)" }
requests:
  - name: items
    url: "URL/answers/{{id}}/{{word}}"
    query: { key: "\${KEY_OF_ITEMS}" }
    headers: { authorization: "Bearer \${ITEMS_TOKEN}" }
limits: { concurrency: 4, retries: 0 }
dump: []
`;

/** Everything that a server holds, as text. */
async function everythingOn(url: string): Promise<string> {
  return url.startsWith('redis') ? everyKey(url) : everyRow(url);
}

async function everyKey(url: string): Promise<string> {
  const client = new Redis(url);
  const found: unknown[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    const read: Record<string, () => Promise<unknown>> = {
      string: () => client.get(key),
      hash: () => client.hgetall(key),
      list: () => client.lrange(key, 0, -1),
      set: () => client.smembers(key),
      zset: () => client.zrange(key, '0', '-1'),
      stream: () => client.xrange(key, '-', '+'),
    };
    found.push([key, await read[type]?.()]);
  }
  client.disconnect();
  return JSON.stringify(found);
}

async function everyRow(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows: tables } = await client.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  const found: unknown[] = [];
  for (const { name } of tables) {
    const { rows } = await client.query(`SELECT t::text AS row FROM ${name} AS t`);
    found.push([name, rows]);
  }
  await client.end();
  return JSON.stringify(found);
}

onBoth('no secret, row or answer is ever on the server of the queue', async (t, { url }) => {
  const secrets = { KEY_OF_ITEMS: 'S3CRET-key', ITEMS_TOKEN: 'S3CRET-token' };
  Object.assign(process.env, secrets);
  t.after(() => {
    for (const name of Object.keys(secrets)) delete process.env[name];
  });
  const site = await startSite(t);
  site.delayMs = 30;
  const working = worker(t, url, { env: secrets });
  const { run } = await report(t, await written(folderOf(t), REPORT, site.url), url);
  const seen: string[] = [];
  await until(() => working.progress().rows > 0);
  seen.push(await everythingOn(url));
  // One that fails leaves its reason, and one that can't work its own.
  site.answer = (_, response) => response.destroy();
  worker(t, url, { env: {} });
  let isOver = false;
  void run.finished.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    seen.push(await everythingOn(url));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await run.finished;
  seen.push(await everythingOn(url));
  assert.match(seen[0]!, /items/, 'chunks are seen');
  for (const text of seen) assert.doesNotMatch(text, /S3CRET|R0W-DATA|answers/);
  assert.ok(
    [...site.asked.keys()].some((path) => path.includes('S3CRET-key')),
    'and they are needed',
  );
});

onBoth(
  'rows with secret columns are refused before the first request, and --shard is named',
  async (t, { url }) => {
    const site = await startSite(t);
    const yaml = `
name: secret
secret: [token]
rows: { inline: [{ token: S3CRET }] }
requests: [{ name: items, url: "URL/{{token}}" }]
`;
    worker(t, url);
    const folder = folderOf(t);
    const { run } = await report(t, await written(folder, yaml, site.url), url);
    await assert.rejects(run.finished, {
      name: 'ReportError',
      message: /rows of 'rows' have secret columns.*Use --shard/,
    });
    assert.equal(site.asked.size, 0);
    assert.deepEqual(readdirSync(join(folder, '.abreast', 'secret')), [], 'no run that nobody can continue');
  },
);
