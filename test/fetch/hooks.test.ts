import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { imap, map, type Options, type Result, startRun } from '../../src/fetch/index.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { runProgram } from './program.ts';
import { times } from './servers.ts';

let server: TestServer;
let url: string;
before(async () => {
  server = await startServer();
  url = server.httpUrl!;
});
after(() => server.close());

const mistake = new Error('my mistake');
const throws = () => {
  throw mistake;
};
const rejects = async () => {
  throw mistake;
};

/** Callbacks of all kinds that fail, each with an input that brings it to its call. */
const FAILING: readonly (readonly [string, string, object])[] = [
  ['good that throws', '/get', { good: throws }],
  ['good that throws for an answer that is decoded on a thread', '/gzip', { good: throws }],
  ['next that throws', '/get', { next: throws }],
  ['next that rejects', '/get', { next: rejects }],
  ['onResponse that rejects', '/get', { onResponse: rejects }],
  ['onResponse that rejects later', '/get', { onResponse: () => sleep(50).then(throws) }],
  [
    'onResponse that returns a thenable of another make',
    '/get',
    {
      // biome-ignore lint/suspicious/noThenProperty: what query builders return
      onResponse: () => ({ then: (_: unknown, no: (error: Error) => void) => no(mistake) }),
    },
  ],
  ['onError that rejects', '/fault/nonsense', { onError: rejects }],
];
for (const [what, path, options] of FAILING) {
  test(`${what} rejects map with what it says`, async () => {
    const inputs = [...times(20, () => `${url}/delay/5`), url + path];
    const started = server.stats().requests;
    await assert.rejects(map(inputs, { retries: 0, ...options } as Options), mistake);
    assert.ok(server.stats().requests - started <= inputs.length);
    await quiet();
  });

  test(`${what} rejects imap with what it says`, async () => {
    const inputs = [url + path, ...times(20, () => `${url}/delay/5`)];
    await assert.rejects(async () => {
      for await (const _ of imap(inputs, { retries: 0, ...options } as Options));
    }, mistake);
    await quiet();
  });
}

/** Nothing is open at the server any more. */
async function quiet(): Promise<void> {
  for (let tries = 0; server.stats().connections.open > 0; tries++) {
    assert.ok(tries < 200, `still open: ${JSON.stringify(server.stats().connections)}`);
    await sleep(20);
  }
}

test('a callback is not called again after one has ended the run', async () => {
  let calls = 0;
  const onResponse = async () => {
    calls++;
    throw mistake;
  };
  const urls = times(500, () => `${url}/get`);
  await assert.rejects(map(urls, { concurrency: 1, onResponse }), mistake);
  assert.ok(calls <= 3, `${calls} calls`);
});

test('what callbacks promise is kept before map ends', async () => {
  let kept = 0;
  const onResponse = async () => {
    await sleep(50);
    kept++;
  };
  const results = await map(
    times(10, () => `${url}/get`),
    { onResponse },
  );
  assert.deepEqual([results.length, kept], [10, 10]);
});

test('a promise that is never kept does not outlive the signal', async () => {
  const signal = AbortSignal.timeout(200);
  await assert.rejects(map([`${url}/get`], { signal, onResponse: () => new Promise(() => {}) }), /timeout/);
});

test('next and onError that promise something to come are a TypeError', async () => {
  const late: [string, object][] = [
    ['next', { next: async () => ({ url }) }],
    ['onError', { onError: async (_: Error, result: Result) => result }],
  ];
  for (const [name, options] of late)
    await assert.rejects(map(['no url'], options as Options), {
      name: 'TypeError',
      message: new RegExp(`${name}: .*promise`),
    });
});

test('an async onError or next that gives nothing leaves results as they are', async () => {
  const options = { onError: async () => undefined, next: async () => null } as unknown as Options;
  const results = await map(['no url', `${url}/get`], options);
  assert.deepEqual(
    results.map(({ status, error }) => status ?? error?.code),
    ['bad-url', 200],
  );
});

test('onError that returns no result of its input is a TypeError, and no hole among the results', async () => {
  for (const returned of [5, {}, 'x', { index: 1 }])
    await assert.rejects(map(['no url', `${url}/get`], { onError: () => returned as Result }), {
      name: 'TypeError',
      message: /onError/,
    });
});

test('a sink that throws when it takes a record rejects the run, and closes it', async () => {
  const run = startRun(
    times(20, () => `${url}/get`),
    { result() {}, record: throws },
  );
  await assert.rejects(run.finished, mistake);
  await quiet();
});

test('undefined is as good a reason to reject as any other', async () => {
  const options = {
    next() {
      throw undefined;
    },
  };
  await assert.rejects(map([`${url}/get`], options), (error) => error === undefined);
});

/** Sources that fail in their own clean-up. */
const CLOSING: Readonly<Record<string, () => Iterable<string> | AsyncIterable<string>>> = {
  'a generator': function* () {
    try {
      for (;;) yield `${url}/get`;
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: what is tested
      throw mistake;
    }
  },
  'an async generator': async function* () {
    try {
      for (;;) yield `${url}/get`;
    } finally {
      await sleep(20);
      // biome-ignore lint/correctness/noUnsafeFinally: what is tested
      throw mistake;
    }
  },
  'an iterator': () => ({
    [Symbol.iterator]: () => ({ next: () => ({ value: `${url}/get` }), return: throws }),
  }),
};
for (const [what, source] of Object.entries(CLOSING)) {
  test(`leaving the loop over imap throws what ${what} throws in its clean-up`, async () => {
    await assert.rejects(async () => {
      for await (const _ of imap(source(), { concurrency: 5 })) break;
    }, mistake);
    await quiet();
  });

  test(`an error in the loop over imap is thrown, not what ${what} throws in its clean-up`, async () => {
    const mine = new Error('mine');
    await assert.rejects(async () => {
      for await (const _ of imap(source(), { concurrency: 5 })) throw mine;
    }, mine);
    await quiet();
  });
}

test('leaving the loop over imap waits for a source that closes, not for one that never gives what it was asked for', async () => {
  let closed = false;
  async function* closes() {
    try {
      for (;;) yield `${url}/get`;
    } finally {
      await sleep(50);
      closed = true;
    }
  }
  for await (const _ of imap(closes())) break;
  assert.ok(closed);
  async function* never() {
    yield `${url}/get`;
    await new Promise(() => {});
  }
  for await (const _ of imap(never())) break;
});

test('a source that aborts its own run, within what it is asked, rejects with the reason', async () => {
  const abort = new AbortController();
  function* urls() {
    yield `${url}/get`;
    abort.abort(mistake);
    for (;;) yield `${url}/delay/5`;
  }
  await assert.rejects(map(urls(), { signal: abort.signal }), mistake);
});

test('a process in which callbacks and sources fail reports nothing unhandled, and ends by itself', async () => {
  const program = `
    const fail = () => { throw new Error('mine'); };
    const rejects = async () => fail();
    const tell = (error) => console.log(error.message);
    const urls = ['${url}/get', ...Array.from({ length: 20 }, () => '${url}/delay/9')];
    for (const options of [{ good: fail }, { next: fail }, { next: rejects }, { onResponse: rejects }]) {
      await map(urls, options).catch(tell);
      await (async () => { for await (const _ of imap(urls, options)); })().catch(tell);
    }
    await map(['no url', ...urls], { onError: rejects }).catch(tell);
    await startRun(urls, { result: fail }).finished.catch(tell);
    await startRun(urls, { result: rejects }).finished.catch(tell);
    await startRun(urls, { result() {}, record: fail }).finished.catch(tell);
    function* source() { try { yield* urls; } finally { fail(); } }
    await (async () => { for await (const _ of imap(source(), { concurrency: 5 })) break; })().catch(tell);
    console.log('end');`;
  const { stdout, stderr, code, signal } = await runProgram(program);
  assert.equal(stderr, '');
  assert.deepEqual(stdout.trimEnd().split('\n'), [...times(13, () => 'mine'), 'end']);
  assert.deepEqual([code, signal], [0, null]);
});
