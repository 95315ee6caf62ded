import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { FetchError, type Input, map, type Result } from '../../src/fetch/index.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { freePort } from '../servers/index.ts';
import { bareServer, fetchAll, fetchOne, OK, says, times } from './servers.ts';

let server: TestServer;
let nobody: string;
before(async () => {
  server = await startServer();
  nobody = `http://127.0.0.1:${await freePort()}`;
});
after(() => server.close());

/** What a URL does, and what has to become of it. */
const KINDS: readonly (readonly [() => string, RegExp])[] = [
  [() => `${server.httpUrl}/get`, /^200$/],
  [() => `${server.httpsUrl}/get`, /^200$/],
  [() => `${server.httpUrl}/delay/0.05`, /^200$/],
  [() => `${server.httpUrl}/bytes/70000`, /^200$/],
  [() => `${server.httpUrl}/gzip`, /^200$/],
  [() => `${server.httpUrl}/redirect/2`, /^200$/],
  [() => `${server.httpUrl}/status/404`, /^404$/],
  [() => `${server.httpUrl}/fault/redirect-circle`, /^redirect-loop$/],
  [() => `${server.httpUrl}/fault/nonsense`, /^bad-header$/],
  [() => `${server.httpUrl}/fault/cut-body`, /^body-truncated$/],
  [() => `${server.httpUrl}/fault/reset-connection`, /^reset$/],
  [() => `${server.httpUrl}/fault/broken-gzip`, /^bad-body$/],
  [() => nobody, /^(connect-refused|origin-down)$/],
  [() => 'no url', /^bad-url$/],
];

async function* slowly<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    if (Math.random() < 0.2) await sleep(2);
    yield item;
  }
}

test('every URL ends as exactly one result, its own, whatever they are and however they come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(KINDS.length - 1), { maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      fc.constantFrom('auto' as const, 'h2' as const),
      async (kinds, concurrency, isAsync, protocol) => {
        const inputs = kinds.map((kind, at) => ({ url: KINDS[kind]![0](), data: at }));
        const options = { concurrency, protocol, retries: 0, tls: { insecure: true } };
        const { results, summary } = await fetchAll(isAsync ? slowly(inputs) : inputs, options);
        assert.deepEqual(
          results.map(({ index }) => index).sort((a, b) => a - b),
          times(inputs.length, (i) => i),
        );
        for (const { index, data, error, status } of results) {
          assert.equal(data, index);
          assert.match(error?.code ?? String(status), KINDS[kinds[index]!]![1]);
        }
        assert.equal(summary.requests, inputs.length);
        assert.equal(summary.failed, results.filter(({ error }) => error !== null).length);
        assert.equal(summary.stopped, false);
      },
    ),
    { numRuns: 25 },
  );
});

test('every key of a result is there, whatever became of it', async () => {
  const results = await map([`${server.httpUrl}/get`, nobody, 'no url'], { retries: 0 });
  const keys = Object.keys(results[0]!);
  assert.ok(keys.includes('waitMs') && keys.includes('finalUrl'));
  for (const result of results) assert.deepEqual(Object.keys(result), keys);
  for (const value of Object.values(results[1]!)) assert.notEqual(value, undefined);
});

test('an input brings its headers, its data and its timeout', async () => {
  const [own, other] = await map<{ row: number }>([
    { url: `${server.httpUrl}/headers`, headers: { 'X-Own': 'yes' }, data: { row: 7 } },
    `${server.httpUrl}/headers`,
  ]);
  const seen = (result: typeof own) => (result!.json() as { headers: Record<string, string[]> }).headers;
  assert.deepEqual(seen(own)['X-Own'], ['yes']);
  assert.equal(seen(other)['X-Own'], undefined);
  assert.deepEqual(own!.data, { row: 7 });
  const late = await fetchOne({ url: `${server.httpUrl}/delay/5`, timeout: '100ms' });
  assert.equal(late.error?.code, 'timeout');
  assert.ok(late.totalMs! < 2500, `${late.totalMs} ms`);
});

const BAD: readonly (readonly [Omit<Input, 'url'>, string, RegExp])[] = [
  [{ headers: { 'bad name': 'x' } }, 'bad-request-header', /'bad name'/],
  [{ headers: { a: 'x\r\nb: y' } }, 'bad-request-header', /value of 'a'/],
  [{ headers: { a: 5 as unknown as string } }, 'bad-request-header', /value of 'a' is no text/],
  [{ timeout: '5' as '5s' }, 'bad-timeout', /timeout: '5' is no length of time/],
];
for (const protocol of ['http/1.1', 'h2'] as const)
  test(`over ${protocol} an input that can't be sent is a result with its error, and the others go on`, async () => {
    const url = `${server.httpsUrl}/get`;
    const inputs = BAD.flatMap(([bad]) => [url, { url, ...bad }]);
    const { results } = await fetchAll(inputs, { concurrency: 1, protocol, tls: { insecure: true } });
    results.sort((a, b) => a.index - b.index);
    for (const [i, [, code, text]] of BAD.entries()) {
      assert.equal(results[2 * i]!.status, 200);
      const { error } = results[2 * i + 1]!;
      assert.ok(error instanceof FetchError);
      assert.equal(error.code, code);
      assert.match(error.message, text);
    }
    assert.equal(results.length, inputs.length);
  });

test('a % that escapes nothing in a name or password is sent as it is', async () => {
  const url = server.httpUrl!.replace('//', '//a%zz:b@');
  const { headers } = (await fetchOne(`${url}/headers`)).json() as { headers: Record<string, string[]> };
  assert.deepEqual(headers.Authorization, [`Basic ${Buffer.from('a%zz:b').toString('base64')}`]);
});

test('inputs are pulled as they are needed, never more than a look-ahead', async () => {
  let pulled = 0;
  let done = 0;
  let most = 0;
  function* source() {
    for (; pulled < 12_000; pulled++) yield `${server.httpUrl}/get?${pulled}`;
  }
  await map(source(), {
    concurrency: 10,
    onResponse: () => {
      most = Math.max(most, pulled - ++done);
    },
  });
  assert.equal(done, 12_000);
  assert.ok(most <= 2100, `${most} inputs were pulled and not done`);
});

test('no input at all is a run with no results', async () => {
  const { results, summary } = await fetchAll([]);
  assert.deepEqual([results, summary.requests, summary.stopped], [[], 0, false]);
});

test('a caller who changes the headers of one result changes no other, before or after it', async (t) => {
  const url = await bareServer(t, says(OK));
  const changing = (result: Result) => {
    Object.assign(result.headers!, { evil: `of ${result.index}`, 'content-length': '99' });
  };
  const results = await map(
    times(5, () => url),
    { concurrency: 1, onResponse: changing },
  );
  for (const { index, headers, body } of results) {
    assert.deepEqual({ ...headers }, { 'content-length': '99', evil: `of ${index}` });
    assert.equal(body!.toString(), 'ok');
  }
  assert.equal(new Set(results.map(({ headers }) => headers)).size, results.length);
});

for (const protocol of ['http/1.1', 'h2'] as const)
  test(`a header that is called as something every object has is a header, over ${protocol}`, async () => {
    const names = ['__proto__', 'constructor', 'tostring', 'hasownproperty'];
    const query = names.map((name) => `${name}=own`).join('&');
    const { headers, error } = await fetchOne(`${server.httpsUrl}/response-headers?${query}`, {
      protocol,
      tls: { insecure: true },
    });
    assert.equal(error, null);
    for (const name of names) assert.equal(headers![name], 'own', name);
    assert.equal(headers!.valueOf, undefined);
  });

for (const protocol of ['http/1.1', 'h2'] as const)
  test(`a header of the caller may be called as something every object has, over ${protocol}`, async () => {
    const own = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": ""}');
    const options = { protocol, tls: { insecure: true }, headers: own };
    const [ofRun] = await map([`${server.httpsUrl}/headers`], options);
    const [ofInput] = await map([{ url: `${server.httpsUrl}/headers`, headers: own }], {
      ...options,
      headers: {},
    });
    for (const result of [ofRun, ofInput]) {
      const { headers } = result!.json() as { headers: Record<string, string[]> };
      const sent = Object.entries(headers).filter(([name]) => /proto|constructor|tostring/i.test(name));
      assert.deepEqual(sent.map(([name, values]) => [name.toLowerCase(), ...values]).sort(), [
        ['__proto__', 'a'],
        ['constructor', 'b'],
        ['tostring', ''],
      ]);
    }
  });
