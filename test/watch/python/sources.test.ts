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

for (const name of ['py27', 'py38', 'py312'])
  for (const whole of [undefined, '1']) {
    const made = environment(name);
    const form = whole === undefined ? 'chunks' : 'one piece';
    test(`${name}: an answer in ${form} that is read from urllib3's pool itself is looked at, too`, {
      skip: 'skip' in made && made.skip,
    }, async () => {
      assert.ok('path' in made);
      const env = whole === undefined ? {} : { WHOLE: whole };
      const watched = await watch([made.path, program('sources_in_pieces')], { env });
      const pages = all(watched, 'exchange').sort((one, other) => one.id - other.id);
      assert.deepEqual(
        pages.map(({ from }) => from),
        [[], ...pages.slice(0, -1).map(({ id }) => [id])],
      );
    });
  }

for (const { version, path } of interpreters()) {
  test(`Python ${version}: an exchange names those whose answers held a part of its URL, and no others`, async () => {
    const watched = await watch([path, program('sources')]);
    const exchanges = all(watched, 'exchange').sort((one, other) => one.id - other.id);
    const [list, first, second, page, next, ...known] = exchanges;
    assert.deepEqual(first?.from, [list!.id]);
    assert.deepEqual(second?.from, [list!.id]);
    assert.deepEqual(next?.from, [page!.id]);
    for (const exchange of [list, page, ...known]) assert.deepEqual(exchange?.from, []);
    assert.equal(known.length, 3);
  });

  test(`Python ${version}: a request that the program takes is a unit, with its method and route`, async () => {
    const watched = await watch([path, program('sources')]);
    const served = servedOf(watched);
    assert.equal(served.length, 8);
    assert.deepEqual([served[0]!.method, served[0]!.route], ['GET', '/list']);
    for (const { begunUs, endedUs } of served) assert.ok(begunUs! <= endedUs!);
  });

  test(`Python ${version}: a request that a handler of asyncio.start_server takes is a unit, and what it asks belongs to it`, {
    skip: version === '2.7' && 'it has no asyncio',
  }, async () => {
    const watched = await watch([path, program('stream_server')], { env: { URL: `${server.httpUrl}/get` } });
    const served = servedOf(watched);
    assert.deepEqual(
      served.map(({ method, route }) => [method, route]),
      [
        ['GET', '/item/0'],
        ['GET', '/item/1'],
      ],
      JSON.stringify(all(watched, 'note')),
    );
    const asked = all(watched, 'exchange').filter(({ url }) => url!.endsWith('/get'));
    assert.deepEqual(
      asked.map(({ unit }) => unit),
      served.map(({ id }) => id),
    );
    for (const { begunUs, endedUs } of served) assert.ok(begunUs! <= endedUs!);
  });

  test(`Python ${version}: a body that is read byte by byte is read as fast as without the probe`, async () => {
    const reads = `
try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen
import sys
answer = urlopen(sys.argv[1])
print(sum(len(answer.read(1)) for _ in range(100000)))
`;
    const watched = await watch([path, '-c', reads, `${server.httpUrl}/bytes/100000`]);
    assert.equal(watched.stdout, '100000\n', watched.stderr);
  });

  test(`Python ${version}: how long the process waited for a CPU is told`, async () => {
    const watched = await watch([path, program('sources')]);
    assert.ok(all(watched, 'process').some(({ runQueueUs }) => typeof runQueueUs === 'number'));
  });
}

test('a second trip is told by its cause, and when to come back by its seconds', async (t) => {
  const found = environment('py312');
  if ('skip' in found) return t.skip(found.skip);
  const exchanges = all(await watch([found.path, program('asked_again')]), 'exchange');
  assert.deepEqual(
    exchanges.map(({ because, status, retryAfterSeconds }) => [because, status, retryAfterSeconds]),
    [
      ['first', 401, undefined],
      ['challenge', 200, undefined],
      ['first', 302, undefined],
      ['redirect', 200, undefined],
      ['first', 503, 7],
    ],
  );
  assert.equal(exchanges[0]!.request, exchanges[1]!.request);
});

test('an answer that tornado reads tells what it held', async (t) => {
  const found = environment('py312');
  if ('skip' in found) return t.skip(found.skip);
  const watched = await watch([found.path, program('tornado_pages')]);
  assert.deepEqual(
    all(watched, 'exchange').map(({ from }) => from),
    [[], [1], [2]],
  );
  assert.deepEqual(all(watched, 'note'), []);
});

function servedOf(watched: Watched) {
  return all(watched, 'unit')
    .filter(({ type }) => type === 'served-request')
    .sort((one, other) => one.id - other.id);
}
