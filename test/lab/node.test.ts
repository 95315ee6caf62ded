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

/** What the program says of itself. */
async function ran(
  way: 'serial' | 'concurrent',
  {
    env = {},
    flags = [],
    origin = server.httpUrl!,
  }: { env?: object; flags?: string[]; origin?: string } = {},
) {
  const args = [join(FOLDER, 'program.cjs'), way, `${N}`, `${origin}/delay/0.25`, ...flags];
  const { NODE_OPTIONS: _, NODE_PATH: __, ...own } = process.env;
  const child = spawn(process.execPath, args, {
    env: { ...own, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(await text(child.stdout));
}

/** Seconds of the concurrent program in those of the serial one. */
async function gained(how: Parameters<typeof ran>[1]): Promise<number> {
  const [serial, concurrent] = await Promise.all([ran('serial', how), ran('concurrent', how)]);
  assert.deepEqual([serial.ok, concurrent.ok], [N, N]);
  return serial.seconds / concurrent.seconds;
}

test('by itself the program is fast, over HTTP and HTTPS', async () => {
  for (const origin of [server.httpUrl!, server.httpsUrl!]) assert.ok((await gained({ origin })) > 2);
});

test('a module that is merely installed, or loaded by a variable, makes it serial', async () => {
  assert.ok((await gained({ env: INSTALLED })) < 1.5);
  const NODE_OPTIONS = `--require "${join(FOLDER, 'installed/polite-agent')}"`;
  assert.ok((await gained({ env: { NODE_OPTIONS } })) < 1.5);
});

test('the module told otherwise, or an agent of its own, makes it fast again', async () => {
  assert.ok((await gained({ env: { ...INSTALLED, POLITE_SOCKETS: '100' } })) > 2);
  assert.ok((await gained({ env: INSTALLED, flags: ['--own-agent'] })) > 2);
});

test('it says what was loaded, through what it went, and what went wrong', async () => {
  const good = await ran('concurrent', { env: INSTALLED, origin: server.httpsUrl! });
  assert.deepEqual(good.modules, { 'polite-agent': '1.0.0' });
  assert.deepEqual(good.socket, ['tls.TLSSocket', 'net.Socket']);
  const bad = await ran('serial', { origin: 'http://127.0.0.1:1' });
  assert.equal(bad.ok, 0);
  assert.match(bad.errors.join(), /ECONNREFUSED 127\.0\.0\.1:1/);
});
