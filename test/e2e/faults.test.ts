import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { abreast, folder, parsed } from './abreast.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const FAULTS: readonly [path: string, code: string | null][] = [
  ['/fault/reset-connection', 'reset'],
  ['/fault/reset-in-header', 'reset'],
  ['/fault/reset-in-body', 'reset'],
  ['/fault/cut-body', 'body-truncated'],
  ['/fault/silence', 'timeout-first-byte'],
  ['/fault/endless-body', 'body-too-large'],
  ['/fault/endless-header', 'bad-header'],
  ['/fault/gzip-bomb?megabytes=64', 'body-too-large'],
  ['/fault/broken-gzip', 'bad-body'],
  ['/fault/redirect-circle', 'redirect-loop'],
  ['/fault/nonsense', 'bad-header'],
  ['/redirect/12', 'redirect-limit'],
  ['/fault/429?retry-after=3600', 'retry-after'],
  ['/status/503', 'status'],
  ['/get', null],
];

test('whatever a server does, each URL has one row and one clear line, and the good ones are answered', async () => {
  const cwd = folder();
  const urls = [
    ...FAULTS.map(([path, code]) => [`${server.httpsUrl}${path}`, code] as const),
    ['http://127.0.0.1:1/', 'connect-refused'] as const,
    ['https://no-such-name.invalid/', 'dns'] as const,
    ['mailto:joe@example.test', 'bad-url'] as const,
    ['::nonsense::', 'bad-url'] as const,
  ];
  writeFileSync(join(cwd, 'urls.txt'), urls.map(([url]) => `${url}\n`).join(''));
  const limits = ['--retries', '0', '--first-byte-timeout', '6s', '--timeout', '20s', '--max-body', '1MB'];
  const run = await abreast(['get', '-f', 'urls.txt', '-k', '--http1.1', ...limits], { cwd });
  assert.equal(run.code, 1, run.err);
  const rows = parsed(run.out).sort((one, other) => one.index - other.index);
  assert.deepEqual(
    rows.map(({ input, error }) => [input, error?.code ?? null]),
    urls.map(([url, code]) => [url, code]),
  );
  for (const { error } of rows) if (error !== null) assert.match(error.text, /^[^\n]{10,300}$/);
  assert.doesNotMatch(run.err, /\n {4}at /);
});

test('a certificate that nobody trusts is named with its issuer and the option that would allow it', async () => {
  const { code, out, err } = await abreast(['get', `${server.httpsUrl}/get`, '--bodies', 'none']);
  assert.equal(code, 1);
  const [{ error }] = parsed(out);
  assert.equal(error.code, 'tls-untrusted');
  assert.match(error.text, /--cacert|--insecure|-k/);
  assert.match(err, /tls-untrusted: 1, first https:/);
});
