import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { commandAt } from '../servers/installed.ts';
import { abreast, folder } from './abreast.ts';
import { startGoHttpbin, startNginx } from './real-servers.ts';

const goHttpbin = commandAt('go-httpbin');
const nginx = commandAt('nginx');

/** How many of 200 a busy machine must leave in flight; a quiet one leaves 160 over HTTP/1.1, 180 over HTTP/2. */
const BUSY = 50;

test('go-httpbin has 200 of 200 one-second answers in flight, over HTTP/2 and over HTTP/1.1', {
  skip: goHttpbin === undefined && 'needs go-httpbin: scripts/system.sh go-httpbin',
}, async (t) => {
  const server = await startGoHttpbin(goHttpbin!, folder());
  t.after(() => server.close());
  for (const protocol of ['--http2', '--http1.1']) {
    const args = ['-n', '200', '-c', '200', '-k', '--json', '-o', '/dev/null', protocol];
    const { code, out, err } = await abreast(['get', `${server.url}/delay/1`, ...args]);
    assert.equal(code, 0, err);
    const verdict = JSON.parse(out);
    assert.equal(verdict.answered, 200);
    assert.equal(verdict.inFlight.max, 200);
    assert.ok(verdict.inFlight.mean > BUSY, `${protocol}: mean ${verdict.inFlight.mean}`);
  }
});

test('nginx serves 50,000 files over HTTP/2, and every body is what the file holds', {
  skip: nginx === undefined && 'needs nginx: scripts/system.sh nginx',
}, async (t) => {
  const cwd = folder();
  mkdirSync(join(cwd, 'files'));
  const hashes = Array.from({ length: 500 }, (_, file) => {
    const bytes = randomBytes(1 + ((file * 7919) % 20_000));
    writeFileSync(join(cwd, 'files', `${file}.bin`), bytes);
    return sha256(bytes);
  });
  const server = await startNginx(nginx!, cwd);
  t.after(() => server.close());
  const urls = Array.from({ length: 50_000 }, (_, index) => `${server.url}/${(index * 31) % 500}.bin`);
  writeFileSync(join(cwd, 'urls.txt'), urls.join('\n'));
  const args = ['-f', 'urls.txt', '-k', '--http2', '-c', '100', '-o', 'out.jsonl'];
  const { code, err } = await abreast(['get', ...args], { cwd });
  assert.equal(code, 0, err);
  const seen = new Uint8Array(urls.length);
  for await (const line of createInterface(createReadStream(join(cwd, 'out.jsonl')))) {
    const { index, status, body, bodyEncoding } = JSON.parse(line);
    assert.equal(status, 200);
    assert.equal(sha256(Buffer.from(body, bodyEncoding)), hashes[(index * 31) % 500], `index ${index}`);
    seen[index]!++;
  }
  assert.ok(
    seen.every((times) => times === 1),
    'every index once',
  );
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
