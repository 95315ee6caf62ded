import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';

const FOLDER = join(import.meta.dirname, '../../lab/node');
const INSTALLED = { NODE_PATH: join(FOLDER, 'installed') };
const N = 4;

let server: TestServer;
before(async () => {
  server = await startServer({ httpPort: 0, httpsPort: 0, http2: false });
});
after(() => server.close());

type How = { readonly env?: object; readonly flags?: readonly string[]; readonly origin?: string };

/** What the program says of itself after N GETs of a path. */
async function ran(way: 'serial' | 'concurrent', path: string, how: How = {}) {
  const { env = {}, flags = [], origin = server.httpUrl! } = how;
  const args = [join(FOLDER, 'program.cjs'), way, `${N}`, `${origin}${path}`, ...flags];
  const { NODE_OPTIONS: _, NODE_PATH: __, ...own } = process.env;
  const child = spawn(process.execPath, args, {
    env: { ...own, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(await text(child.stdout));
}

/** Only N GETs that are in flight together are answered by this path. */
async function isFast(how: How): Promise<void> {
  assert.equal((await ran('concurrent', `/together/${N}`, how)).ok, N);
}

async function isSlow(way: 'serial' | 'concurrent', how: How): Promise<void> {
  server.resetStats();
  assert.equal((await ran(way, '/delay/0.1', how)).ok, N);
  assert.equal(server.stats().inFlight.max, 1);
}

test('by itself the program is fast, over HTTP and HTTPS', async () => {
  for (const origin of [server.httpUrl!, server.httpsUrl!]) {
    await isFast({ origin });
    await isSlow('serial', { origin });
  }
});

test('a module that is merely installed, or loaded by a variable, makes it serial', async () => {
  await isSlow('concurrent', { env: INSTALLED });
  const NODE_OPTIONS = `--require "${join(FOLDER, 'installed/polite-agent')}"`;
  await isSlow('concurrent', { env: { NODE_OPTIONS } });
});

test('the module told otherwise, or an agent of its own, makes it fast again', async () => {
  await isFast({ env: { ...INSTALLED, POLITE_SOCKETS: '100' } });
  await isFast({ env: INSTALLED, flags: ['--own-agent'] });
});

test('it says what was loaded, through what it went, and what went wrong', async () => {
  const good = await ran('concurrent', '/get', { env: INSTALLED, origin: server.httpsUrl! });
  assert.deepEqual(good.modules, { 'polite-agent': '1.0.0' });
  assert.deepEqual(good.socket, ['tls.TLSSocket', 'net.Socket']);
  const bad = await ran('serial', '/get', { origin: 'http://127.0.0.1:1' });
  assert.equal(bad.ok, 0);
  assert.match(bad.errors.join(), /ECONNREFUSED 127\.0\.0\.1:1/);
});
