import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findGoHttpbin, goHttpbin } from '../../src/stages/local/go-httpbin.ts';
import { makeCertificate } from '../../src/testserver/index.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { commandAt } from '../servers/installed.ts';

const signal = new AbortController().signal;

/** A go-httpbin whose first port is taken, as it says it. */
const TAKEN_ONCE = (node: string, count: string) => `#!${node}
const { appendFileSync, readFileSync } = process.getBuiltinModule('node:fs');
appendFileSync('${count}', 'x');
if (readFileSync('${count}', 'utf8').length === 1) {
  console.log('{"level":"ERROR","msg":"error: listen tcp 127.0.0.1:1: bind: address already in use"}');
  process.exit(1);
}
const port = process.argv[process.argv.indexOf('-port') + 1];
process.getBuiltinModule('node:http').createServer((_, answer) => {
  console.log(JSON.stringify({
    time: new Date().toISOString(), msg: '200 GET /delay/1', uri: '/delay/1', duration_ms: 12.5 }));
  answer.end();
}).listen(port, '127.0.0.1');
`;

test('a server whose port is taken is started on another; what its log says was in flight is told', async (t) => {
  const folder = temporaryFolder(t);
  const count = join(folder, 'count');
  lay(folder, { 'go-httpbin': TAKEN_ONCE(process.execPath, count), count: '' });
  const server = await goHttpbin(join(folder, 'go-httpbin'), { cert: '', key: '' }).start('http', signal);
  assert.equal(readFileSync(count, 'utf8').length, 2);
  assert.equal((await fetch(server.origin)).status, 200);
  await server.close();
  assert.deepEqual(server.inFlight(), { mean: 1, max: 1 });
  await assert.rejects(fetch(server.origin));
});

test('a server that does not start for another reason is said with that reason', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'go-httpbin': "#!/bin/sh\necho 'flag provided but not defined: -log-format' >&2\nexit 2\n" });
  const file = join(folder, 'go-httpbin');
  await assert.rejects(goHttpbin(file, { cert: '', key: '' }).start('http', signal), {
    name: 'StagesError',
    message: `${file} does not start: flag provided but not defined: -log-format. Remove it to have one built or embedded`,
  });
});

test('go-httpbin is found on PATH, where go puts it, and where it was built', (t) => {
  const folder = temporaryFolder(t);
  const find = () =>
    findGoHttpbin(join(folder, 'cache'), { PATH: join(folder, 'path'), GOPATH: join(folder, 'go') });
  assert.equal(find(), undefined);
  for (const place of ['cache/bin', 'go/bin', 'path']) {
    lay(folder, { [`${place}/go-httpbin`]: '#!/bin/sh\n' });
    assert.equal(find(), join(folder, place, 'go-httpbin'));
  }
});

const real = commandAt('go-httpbin');
const skip = real === undefined ? 'go-httpbin is not here: scripts/system.sh go-httpbin installs it' : false;

test('the real one counts over HTTPS what is in flight, and waits for slow requests', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const certificate = await makeCertificate();
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  lay(folder, { 'cert.pem': certificate.cert, 'key.pem': certificate.key });
  const server = await goHttpbin(real!, files).start('https', signal);
  const url = `${server.origin}/delay/0.3`;
  const { map } = await import('../../src/fetch/index.ts');
  const answers = await map([url, url, url], { tls: { ca: certificate.cert } });
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  await server.close();
  assert.equal(server.inFlight()?.max, 3);
});
