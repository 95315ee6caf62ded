import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { all, program, run } from './program.ts';
import { NO_RUBY, rubies } from './rubies.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

const installed = rubies();
test('libraries of Ruby are recorded', { skip: installed.length === 0 && NO_RUBY }, () => {});

function without(path: string, gem: string): string | false {
  const { status } = spawnSync(path, ['-e', `require '${gem}'`], { stdio: 'ignore' });
  return status === 0 ? false : `${gem} is not here: apt-get install ruby-${gem}`;
}

for (const { version, path } of installed) {
  for (const [gem, limit] of [
    ['concurrent', 'Concurrent::ThreadPoolExecutor max_threads'],
    ['parallel', 'Parallel workers'],
  ] as const)
    test(`Ruby ${version}: ${gem} is given all its work at once, and has two workers for it`, {
      skip: without(path, gem),
    }, async () => {
      const ran = await run([path, program('libraries'), gem], {
        env: { URL: `${server.httpUrl}/delay/0.3` },
      });
      assert.deepEqual([ran.stderr, ran.exitCode], ['', 0]);
      const exchanges = all(ran, 'exchange');
      assert.equal(exchanges.length, 6);
      const first = Math.min(...exchanges.map(({ readUs }) => readUs!));
      for (const { wantedUs } of exchanges) assert.ok(wantedUs! <= first, 'given before the first was read');
      const units = new Map(all(ran, 'unit').map((unit) => [unit.id, unit]));
      for (const { unit } of exchanges) assert.equal(units.get(unit!)!.type, 'executor-item');
      const found = all(ran, 'environment')
        .at(-1)!
        .limits!.find(({ kind }) => kind === 'workers')!;
      assert.deepEqual([found.of, found.size], [limit, 2]);
      assert.ok(found.setAt!.startsWith(`${program('libraries')}:`), found.setAt);
    });

  test(`Ruby ${version}: Faraday asks by net/http, at the line of the program`, {
    skip: without(path, 'faraday'),
  }, async () => {
    const ran = await run([path, program('libraries'), 'faraday'], { env: { URL: `${server.httpUrl}/get` } });
    const stacks = new Map(all(ran, 'stack').map(({ id, frames }) => [id, frames]));
    for (const { stack, status } of all(ran, 'exchange')) {
      assert.equal(status, 200);
      assert.ok(stacks.get(stack!)!.some(({ file }) => file === program('libraries')));
    }
    assert.equal(all(ran, 'exchange').length, 3);
  });
}
