import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { programRecord } from '../../src/stages/story.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';

const PROGRAM = join(import.meta.dirname, '../../lab/grequests/program.py');
const PYTHONS = ['python2.7', 'python3'].filter((name) => spawnSync(name, ['-c', '0']).status === 0);

let server: TestServer;
before(async () => {
  server = await startServer({ httpPort: 0, httpsPort: 0, http2: false });
});
after(() => server.close());

async function ran(python: string, words: readonly string[]) {
  const child: ChildProcess = spawn(python, ['-S', PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { out, err, code, record: () => programRecord.parse(JSON.parse(out)) };
}

if (PYTHONS.length === 0) {
  const skip = 'neither python2.7 nor python3 in PATH: apt-get install python3';
  test('the program of the story runs on Python', { skip }, () => {});
}

for (const python of PYTHONS) {
  test(`${python}: in threads it is quicker than in a loop, and every answer is there`, async () => {
    for (const origin of [server.httpUrl!, server.httpsUrl!]) {
      const [loop, threads] = await Promise.all(
        ['urllib', 'urllib-threads'].map((way) => ran(python, [way, '4', `${origin}/delay/0.5`])),
      );
      for (const { code, record } of [loop!, threads!]) {
        assert.equal(code, 0);
        assert.deepEqual([record().n, record().ok, record().errors], [4, 4, []]);
      }
      assert.ok(loop!.record().seconds > 1.5 * threads!.record().seconds);
    }
  });

  test(`${python}: the answer to another request is no answer to this one`, async (t) => {
    const confused = createServer((_, response) => response.end('{"url": "http://x/delay/1?get=1"}'));
    await once(confused.listen(0, '127.0.0.1'), 'listening');
    t.after(() => confused.close());
    const { port } = confused.address() as AddressInfo;
    const { code, err, record } = await ran(python, ['urllib', '3', `http://127.0.0.1:${port}/delay/1`]);
    assert.equal(code, 1);
    assert.equal(record().ok, 1);
    assert.match(err, /^1 of 3 in /m);
  });

  test(`${python}: what went wrong is told once, and fails it`, async () => {
    const { code, record } = await ran(python, ['urllib', '3', 'http://127.0.0.1:1/delay/1']);
    assert.equal(code, 1);
    assert.deepEqual([record().ok, record().errors.length], [0, 1]);
    assert.match(record().errors[0]!, /^URLError: .*Connection refused/);
  });

  test(`${python}: what is not installed is one line`, async () => {
    const { code, out, err } = await ran(python, ['grequests', '3', 'http://127.0.0.1:1/delay/1']);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^program\.py: No module named .*grequests.* \(\/.*python.*\)\n$/);
  });
}
