import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { environment } from './environments.ts';
import { interpreters } from './interpreters.ts';
import { all, program, type Watched, watch } from './program.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

for (const { version, path } of interpreters()) {
  test(`Python ${version}: a body that nobody reads ends no later than the next call, and is no failure`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.05`, N: '3' };
    const watched = await watch([path, program('unread')], { env });
    assertOneByOne(watched, 9);
    assert.ok(all(watched, 'exchange').every(({ unread }) => unread === true));
  });
}

for (const { version, path } of interpreters()) {
  test(`Python ${version}: a connection that its class opens in its own way is known, and each request is told once`, async () => {
    const watched = await watch([path, program('own_connect')], { env: { URL: server.httpUrl! } });
    assert.deepEqual(
      all(watched, 'exchange').map(({ connection, ordinal, status }) => [connection, ordinal, status]),
      [
        [1, 0, 200],
        [1, 1, 200],
      ],
    );
    assert.equal(all(watched, 'connection').length, 1);
  });
}

test('bodies that nobody reads do not overlap, whatever the library', async (t) => {
  const found = environment('py312');
  if ('skip' in found) return t.skip(found.skip);
  const env = { URL: `${server.httpUrl}/delay/0.05` };
  assertOneByOne(await watch([found.path, program('unread_libraries')], { env }), 12);
});

function assertOneByOne(watched: Watched, count: number): void {
  const exchanges = all(watched, 'exchange').sort((one, other) => one.id - other.id);
  assert.equal(exchanges.length, count, JSON.stringify(all(watched, 'note')));
  for (const [index, { readUs, answeredUs, error, status }] of exchanges.entries()) {
    assert.equal(error, null);
    assert.equal(status, 200);
    assert.ok(answeredUs! <= readUs!, `exchange ${index} has no end`);
    const next = exchanges[index + 1];
    if (next !== undefined)
      assert.ok(readUs! <= next.calledUs!, `exchange ${index} ends after the next call`);
  }
}
