import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Input, imap, map, type Options, type Result, startRun } from '../../src/fetch/index.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { runProgram } from './program.ts';
import { times } from './servers.ts';

let server: TestServer;
let url: string;
before(async () => {
  server = await startServer();
  url = `${server.httpUrl!}/get`;
});
after(() => server.close());

/** As a caller without types may write it. */
function mapAny(inputs: unknown, options: object = {}): Promise<Result[]> {
  return map(inputs as Input[], options as Options);
}

const trap = () => {
  throw new Error('it bites');
};
const biting = new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap });

const NO_URL: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['undefined', undefined],
  ['a number', 5],
  ['a symbol', Symbol('x')],
  ['a bigint', 5n],
  ['true', true],
  ['a function', () => 'http://127.0.0.1/'],
  ['an array', ['http://127.0.0.1/']],
  ['an object without a url', {}],
  ['a promise', Promise.resolve('http://127.0.0.1/')],
  ['a URL object', new URL('http://127.0.0.1/')],
  ['a url that is null', { url: null }],
  ['a url that is a number', { url: 5 }],
  ['a url that is a symbol', { url: Symbol('x') }],
  ['a url whose toString throws', { url: { toString: trap } }],
  ['a url without a toString', { url: Object.create(null) }],
  [
    'a url whose getter throws',
    {
      get url() {
        return trap();
      },
    },
  ],
  ['a proxy that throws whatever it is asked', biting],
  ['a url that is such a proxy', { url: biting }],
  ['headers that are such a proxy', { url: 'http://127.0.0.1/', headers: biting }],
  ['an empty text', ''],
];
for (const [what, input] of NO_URL)
  test(`${what} among the inputs is a result bad-url in its place`, async () => {
    const results = await mapAny([url, input, url, input]);
    assert.deepEqual(
      results.map(({ index, status, error }) => [index, status ?? error!.code]),
      [
        [0, 200],
        [1, 'bad-url'],
        [2, 200],
        [3, 'bad-url'],
      ],
    );
    assert.equal(results[1]!.input, input);
    assert.equal(typeof results[1]!.url, 'string');
    assert.doesNotMatch(results[1]!.error!.message, /object Object|TypeError/);
  });

test('an input that has no good URL keeps its data', async () => {
  const [result] = await map([{ url: 'no url', data: { row: 7 } }]);
  assert.deepEqual([result!.url, result!.data, result!.error!.code], ['no url', { row: 7 }, 'bad-url']);
});

test('an input is read once, so that one that changes is still one request', async () => {
  let reads = 0;
  const [result] = await map([
    {
      get url() {
        return reads++ === 0 ? url : 'no url';
      },
    },
  ]);
  assert.deepEqual([result!.status, reads], [200, 1]);
});

const BAD_HEADERS: readonly (readonly [string, object])[] = [
  ['headers: null', { headers: null }],
  ['headers: 5', { headers: 5 }],
  ['headers that are text', { headers: 'accept: x' }],
  ['headers that are a list', { headers: [['accept', 'x']] }],
  ['a Headers object, which has no names of its own', { headers: new Headers({ accept: 'x' }) }],
  ['a header whose value is null', { headers: { accept: null } }],
  ['credentials that are no list', { credentials: 5 }],
  ['credentials that are no names', { credentials: [5] }],
];
for (const [what, more] of BAD_HEADERS)
  test(`${what} of an input is a result bad-request-header`, async () => {
    const results = await mapAny([{ url, ...more }, url]);
    assert.deepEqual(
      results.map(({ status, error }) => status ?? error!.code),
      ['bad-request-header', 200],
    );
    assert.equal(results[0]!.url, url);
  });

for (const timeout of [5, 'x', null, Symbol('x'), {}, { toString: trap }])
  test(`timeout ${typeof timeout} ${typeof timeout === 'object' ? JSON.stringify(timeout) : String(timeout)} of an input is a result bad-timeout`, async () => {
    const results = await mapAny([{ url, timeout }, url]);
    assert.deepEqual(
      results.map(({ status, error }) => status ?? error!.code),
      ['bad-timeout', 200],
    );
  });

test('fifty thousand inputs without a good URL are as many results, in order', async () => {
  const results = await map(times(50_000, (index) => (index % 10 === 0 ? url : `no url ${index}`)));
  assert.equal(results.length, 50_000);
  for (const [index, { status, error }] of results.entries())
    assert.equal(status ?? error!.code, index % 10 === 0 ? 200 : 'bad-url');
});

test('twenty thousand bad URLs from next, one after the other, do not fill the stack', async () => {
  const results = await map([url], { next: ({ index }) => (index < 20_000 ? { url: 'no url' } : null) });
  assert.equal(results.length, 20_001);
  assert.ok(results.slice(1).every(({ error }) => error!.code === 'bad-url'));
});

test('a next that gives bad URLs for ever ends when the signal says so', async () => {
  const signal = AbortSignal.timeout(300);
  await assert.rejects(map([url], { signal, next: () => ({ url: 'no url' }) }), /timeout/);
});

test('what next gives is read as any input: a result each', async () => {
  const given: unknown[] = [5, {}, { url: 5 }, [], { url, headers: null }, { url, timeout: 5 }, { url }];
  const results = await mapAny([url], { next: ({ index }: Result) => given[index] ?? null });
  assert.deepEqual(
    results.map(({ status, error }) => status ?? error!.code),
    [200, ...times(4, () => 'bad-url'), 'bad-request-header', 'bad-timeout', 200],
  );
});

test('inputs without a good URL wait as others do while the sink has no room', async () => {
  let taken = 0;
  const room = Promise.withResolvers<void>();
  const run = startRun(
    times(5000, () => 'no url'),
    {
      result() {
        taken++;
        return room.promise;
      },
    },
  );
  await new Promise((later) => setTimeout(later, 200));
  assert.equal(taken, 1);
  room.resolve();
  assert.equal((await run.finished).requests, 5000);
  assert.equal(taken, 5000);
});

test('imap gives inputs without a good URL as they are taken, not all at once', async () => {
  let pulled = 0;
  function* urls() {
    for (; pulled < 200_000; pulled++) yield 'no url';
  }
  const results = imap(urls());
  await results.next();
  await new Promise((later) => setTimeout(later, 200));
  assert.ok(pulled < 10_000, `${pulled} pulled`);
  await results.return();
});

const NO_INPUTS: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['a text, which would be taken letter by letter', 'http://127.0.0.1/'],
  ['a promise', Promise.resolve([])],
  ['an object', {}],
  ['a lone input', { url: 'http://127.0.0.1/' }],
];
for (const [what, inputs] of NO_INPUTS)
  test(`${what} instead of inputs is a TypeError that says what to give`, async () => {
    const refusal = { name: 'TypeError', message: /^inputs: .* is no list of URLs; .*\[/ };
    await assert.rejects(mapAny(inputs), refusal);
    await assert.rejects(imap(inputs as Input[]).next(), refusal);
  });

test('an iterator that breaks the protocol rejects the run', async () => {
  const given = { [Symbol.iterator]: () => ({ next: () => 5 }) };
  await assert.rejects(mapAny(given), { name: 'TypeError', message: /iterator/ });
});

test('what a source throws rejects the run, even when it is undefined', async () => {
  const throwing = async function* (what: unknown) {
    yield url;
    throw what;
  };
  for (const what of [new Error('gone'), undefined, null])
    await assert.rejects(map(throwing(what)), (error) => {
      assert.equal(error, what);
      return true;
    });
});

const BAD_OPTIONS = [
  'good: 5',
  'onResponse: 5',
  'next: "x"',
  'onError: {}',
  'signal: {}',
  'family: 5',
  'protocol: "h3"',
  'headers: 5',
  'headers: new Headers({ a: "b" })',
  'tls: 5',
  'resolve: 5',
  'proxy: 5',
];
test('options of another type are refused by name, and leave nothing open', async () => {
  const program = BAD_OPTIONS.map(
    (option) =>
      `await map(['http://127.0.0.1:1/'], { ${option} }).catch((error) => console.log(error.name, error.message));`,
  ).join('\n');
  const { stdout, stderr, code } = await runProgram(
    `${program}\nawait map(5).catch((error) => console.log(error.name, error.message));`,
  );
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  for (const [i, option] of [...BAD_OPTIONS, 'inputs:'].entries())
    assert.match(lines[i]!, new RegExp(`^TypeError .*${option.slice(0, option.indexOf(':'))}`));
});
