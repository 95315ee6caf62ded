import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { openStorage, StorageError, type StorageFault } from '../../src/storage/index.ts';
import { startServer } from '../../src/testserver/index.ts';
import { temporaryFolder } from '../folder.ts';
import { held } from './contract.ts';
import { type Asked, type S3Fault, startFaultyS3 } from './faulty-s3.ts';

const PLACE = 's3://some-bucket/some prefix';
const bytes = (content: string) => Buffer.from(content);

test('a server that ignores If-None-Match is found out before a run', async (t) => {
  const { objects } = await startFaultyS3(t, () => undefined, { heeds: false });
  const storage = await openStorage(PLACE);
  await assert.rejects(storage.probe(), {
    fault: 'unsafe',
    message:
      /^s3:\/\/some-bucket\/some prefix: a second writer replaces .* ignores If-None-Match; use AWS S3, or/,
  });
  assert.equal(objects.size, 0, 'nothing is left behind');
});

test('a server that refuses If-None-Match as not implemented is found out, too', async (t) => {
  await startFaultyS3(t, ({ headers }) =>
    headers['if-none-match'] === undefined ? undefined : { status: 501, code: 'NotImplemented' },
  );
  const storage = await openStorage(PLACE);
  await assert.rejects(storage.probe(), { fault: 'unsafe', message: /has no If-None-Match/ });
});

test('a write whose answer was lost is known as our own', async (t) => {
  const { asked, objects } = await startFaultyS3(t, (_, nth) => (nth === 1 ? 'lost' : undefined));
  const storage = await openStorage(PLACE);
  assert.equal(await storage.writeOnce('a', bytes('ours')), true);
  assert.deepEqual(
    asked.map(({ method }) => method),
    ['PUT', 'PUT', 'HEAD'],
  );
  assert.equal(await storage.writeOnce('a', bytes('theirs')), false);
  assert.equal(objects.get('/some-bucket/some prefix/a')!.bytes.toString(), 'ours');
});

test('an upload in parts whose last answer was lost is known as our own', async (t) => {
  const isEnd = ({ method, query }: Asked) => method === 'POST' && query.has('uploadId');
  let ends = 0;
  const { objects } = await startFaultyS3(t, (asked) => (isEnd(asked) && ++ends === 1 ? 'lost' : undefined));
  const path = join(temporaryFolder(t), 'large');
  const content = randomBytes(34_000_000);
  writeFileSync(path, content);
  const storage = await openStorage(PLACE);
  assert.equal(await storage.writeOnce('large', { path }), true);
  assert.equal(await storage.writeOnce('large', { path }), false);
  assert.deepEqual(objects.get('/some-bucket/some prefix/large')!.bytes, content);
});

test('an upload in parts that fails leaves no parts behind, which would cost money', async (t) => {
  const { asked } = await startFaultyS3(t, ({ query }) =>
    query.get('partNumber') === '2' ? { status: 403, code: 'AccessDenied' } : undefined,
  );
  const path = join(temporaryFolder(t), 'large');
  writeFileSync(path, Buffer.alloc(40_000_000));
  const storage = await openStorage(PLACE);
  await assert.rejects(storage.write('large', { path }), { fault: 'denied' });
  const last = asked.at(-1)!;
  assert.equal(last.method, 'DELETE');
  assert.ok(last.query.has('uploadId'));
});

test('a body that is cut is read on from there', async (t) => {
  let cuts = 0;
  const { objects } = await startFaultyS3(t, ({ method }) =>
    method === 'GET' && ++cuts <= 6 ? 'cut' : undefined,
  );
  const content = randomBytes(100_000);
  const storage = await openStorage(PLACE);
  await storage.write('a', content);
  assert.deepEqual(await buffer((await storage.read('a'))!), content);
  assert.equal(cuts, 7);

  cuts = 0;
  const stream = (await storage.read('a'))!;
  objects.set('/some-bucket/some prefix/a', { bytes: randomBytes(100_000), headers: { etag: '"other"' } });
  await assert.rejects(buffer(stream), {
    fault: 'broken',
    message: /it was replaced by another writer meanwhile/,
  });
});

test('a server that asks to slow down is asked again, until it takes it', async (t) => {
  const { asked } = await startFaultyS3(t, (_, nth) =>
    nth <= 5 ? { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' } : undefined,
  );
  const storage = await openStorage(PLACE);
  assert.equal(await storage.writeOnce('a', bytes('a')), true);
  assert.equal(asked.length, 6);
});

test('a conflict of two writers at once is asked again', async (t) => {
  await startFaultyS3(t, (_, nth) =>
    nth === 1 ? { status: 409, code: 'ConditionalRequestConflict' } : undefined,
  );
  const storage = await openStorage(PLACE);
  assert.equal(await storage.writeOnce('a', bytes('a')), true);
});

test('a probe does not wait long for a server that only asks to come later', async (t) => {
  const { asked } = await startFaultyS3(t, () => ({ status: 503, code: 'SlowDown' }));
  const storage = await openStorage(PLACE);
  await assert.rejects(storage.probe(), (error: StorageError) => {
    assert.equal(error.fault, 'unreachable');
    assert.equal(error.isPassing, true);
    assert.match(error.message, /answered 503 \(SlowDown\), also when it was asked again\. Try later\.$/);
    return true;
  });
  assert.ok(asked.length < 10, `${asked.length}`);
});

const denied = (code: string, message?: string): S3Fault => ({
  status: 403,
  code,
  ...(message && { message }),
});

/** What a server answers to a probe, and what its user is told. */
const REFUSALS: Readonly<Record<string, readonly [S3Fault, StorageFault, RegExp]>> = {
  'no right': [
    denied('AccessDenied', 'User: arn:aws:iam::123:user/x is not authorized to perform: s3:PutObject'),
    'denied',
    /access is denied \(AccessDenied: User: arn:aws:iam::123:user\/x is not .* s3:PutObject\)\. The credentials need s3:PutObject/,
  ],
  'a wrong secret': [
    denied('SignatureDoesNotMatch'),
    'credentials',
    /Look at AWS_SECRET_ACCESS_KEY and AWS_PROFILE\.$/,
  ],
  'an unknown key': [
    denied('InvalidAccessKeyId'),
    'credentials',
    /Look at AWS_ACCESS_KEY_ID and AWS_PROFILE\.$/,
  ],
  'an expired token': [
    { status: 400, code: 'ExpiredToken' },
    'credentials',
    /have expired\. Log in again \(aws sso login\), or renew AWS_SESSION_TOKEN\.$/,
  ],
  'a missing bucket': [
    { status: 404, code: 'NoSuchBucket' },
    'missing',
    /there is no bucket 'some-bucket'\. Create it, or give another one\.$/,
  ],
  'another region, which is not told': [
    { status: 400, code: 'AuthorizationHeaderMalformed' },
    'address',
    /'some-bucket' is in another region\. Set AWS_REGION to its region\.$/,
  ],
  'a full server': [
    { status: 507, code: 'XMinioStorageFull' },
    'unwritable',
    /no room for it\. Free some space/,
  ],
  'what is no server of S3': ['page', 'broken', /does not give back what was written/],
};

for (const [name, [fault, kind, message]] of Object.entries(REFUSALS))
  test(`${name} is told in words, with what to do`, async (t) => {
    await startFaultyS3(t, () => fault);
    const storage = await openStorage(PLACE);
    await assert.rejects(storage.probe(), (error: StorageError) => {
      assert.ok(error instanceof StorageError, inspect(error));
      assert.equal(error.fault, kind, error.message);
      assert.match(error.message, message);
      assert.match(error.message, /^s3:\/\/some-bucket\/some prefix/);
      assert.equal(error.message.includes('\n'), false);
      return true;
    });
  });

test('no secret is in an error, not even where the server sends it back', async (t) => {
  const echo = ({ headers }: Asked) =>
    `${headers['x-amz-security-token']} ${process.env.AWS_SECRET_ACCESS_KEY}`;
  await startFaultyS3(t, (asked) => denied('AccessDenied', echo(asked)));
  Object.assign(process.env, { AWS_SESSION_TOKEN: 'a-token-of-a-session' });
  const storage = await openStorage(PLACE);
  await assert.rejects(storage.probe(), (error: StorageError) => {
    const all = inspect(error, { depth: 10, showHidden: true });
    for (const secret of [process.env.AWS_SECRET_ACCESS_KEY!, 'a-token-of-a-session', 'Signature='])
      assert.equal(all.includes(secret), false, all);
    assert.match(error.message, /\*\*\* \*\*\*/);
    return true;
  });
});

test('a bucket in another region is found where the server tells it', async (t) => {
  const isThere = ({ headers }: Asked) => headers.authorization!.includes('/eu-central-1/s3/');
  const moved: S3Fault = {
    status: 301,
    code: 'PermanentRedirect',
    headers: { 'x-amz-bucket-region': 'eu-central-1' },
  };
  await startFaultyS3(t, (asked) => (isThere(asked) ? undefined : moved));
  const storage = await openStorage(PLACE);
  await storage.probe();
});

test('a bucket is found where the server only says which region it expects, and is asked there from then on', async (t) => {
  const isThere = ({ headers }: Asked) => headers.authorization!.includes('/eu-central-1/s3/');
  const refused: S3Fault = {
    status: 400,
    code: 'AuthorizationHeaderMalformed',
    message:
      "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'",
  };
  const { asked } = await startFaultyS3(t, (one) => (isThere(one) ? undefined : refused));
  const storage = await openStorage(PLACE);
  assert.equal(await storage.writeOnce('a', bytes('a')), true);
  assert.equal(await storage.writeOnce('b', bytes('b')), true);
  assert.deepEqual(asked.map(isThere), [false, true, true]);
});

test('a clock that is wrong is corrected by what the server says', async (t) => {
  const serverMs = Date.now() + 600_000;
  const { asked } = await startFaultyS3(t, ({ headers }) => {
    const [, year, month, day, hour, minute] = /^(....)(..)(..)T(..)(..)/.exec(
      headers['x-amz-date'] as string,
    )!;
    const sentMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}Z`);
    if (Math.abs(sentMs - serverMs) < 300_000) return undefined;
    return {
      ...(denied('RequestTimeTooSkewed') as object),
      headers: { date: new Date(serverMs).toUTCString() },
    } as S3Fault;
  });
  const storage = await openStorage(PLACE);
  assert.equal(await storage.writeOnce('a', bytes('a')), true);
  assert.equal(asked.length, 2);
});

test('no credentials, a wrong endpoint: each is told with what to do', async (t) => {
  await startFaultyS3(t, () => undefined);
  Object.assign(process.env, { AWS_ENDPOINT_URL_S3: 'http://user:hunter2@127.0.0.1:1' });
  const nowhere = await openStorage(PLACE);
  await assert.rejects(nowhere.probe(), {
    fault: 'unreachable',
    message: /there is no connection to 127\.0\.0\.1:1 \(ECONNREFUSED\)\. Look at AWS_ENDPOINT_URL_S3/,
  });
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' });
  const nobody = await openStorage(PLACE);
  await assert.rejects(nobody.probe(), {
    fault: 'credentials',
    message:
      /there are no AWS credentials \(Could not load credentials.*\)\. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE/,
  });
});

test('a certificate that is not trusted is told, with what to do', async (t) => {
  await startFaultyS3(t, () => undefined);
  const secure = await startServer({ httpPort: false });
  t.after(() => secure.close());
  process.env.AWS_ENDPOINT_URL_S3 = secure.httpsUrl!;
  const storage = await openStorage(PLACE);
  await assert.rejects(storage.probe(), {
    fault: 'broken',
    message:
      /the certificate of \S+ is not trusted \(\w+\)\. Set NODE_EXTRA_CA_CERTS to the file of its CA\.$/,
  });
});

test('a proxy is used where the environment names one', async (t) => {
  const { url, asked } = await startFaultyS3(t, () => undefined);
  // A request to a proxy has the whole URL in its first line, which the server takes as well.
  Object.assign(process.env, { HTTP_PROXY: url, AWS_ENDPOINT_URL_S3: 'http://s3.example.invalid' });
  await (await openStorage(PLACE)).write('a', bytes('a'));
  assert.equal(asked[0]!.headers.host, 's3.example.invalid');
});

test('a credential_process that fails is told without its command line, which may hold a secret', async (t) => {
  await startFaultyS3(t, () => undefined);
  const file = join(temporaryFolder(t), 'config');
  writeFileSync(file, '[profile own]\ncredential_process = false --password hunter2\n');
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
  Object.assign(process.env, { AWS_CONFIG_FILE: file, AWS_PROFILE: 'own' });
  const storage = await openStorage(PLACE);
  await assert.rejects(storage.probe(), (error: StorageError) => {
    assert.equal(error.fault, 'credentials');
    assert.equal(inspect(error, { depth: 10, showHidden: true }).includes('hunter2'), false);
    return true;
  });
});

test('the region is that of AWS_REGION, of AWS_DEFAULT_REGION, or us-east-1', async (t) => {
  const { asked } = await startFaultyS3(t, () => undefined);
  const regions: readonly [Record<string, string>, string][] = [
    [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-1'],
    [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
    [{ AWS_REGION: '', AWS_DEFAULT_REGION: '' }, 'us-east-1'],
  ];
  for (const [env, region] of regions) {
    Object.assign(process.env, env);
    await (await openStorage(PLACE)).write('a', bytes('a'));
    assert.match(asked.at(-1)!.headers.authorization!, new RegExp(`/${region}/s3/`));
  }
});

test('an endpoint in a profile is asked by path, too: other servers have no name for each bucket', async (t) => {
  const { url, asked } = await startFaultyS3(t, () => undefined);
  const file = join(temporaryFolder(t), 'config');
  const own = `[profile own]
region = eu-north-1
endpoint_url = ${url.replace('127.0.0.1', 'localhost')}
aws_access_key_id = tester
aws_secret_access_key = secret
`;
  writeFileSync(file, own);
  for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    delete process.env[name];
  Object.assign(process.env, { AWS_CONFIG_FILE: file, AWS_PROFILE: 'own' });
  await (await openStorage(PLACE)).write('a', bytes('a'));
  assert.equal(asked[0]!.path, '/some-bucket/some prefix/a');
  assert.match(asked[0]!.headers.authorization!, /\/eu-north-1\/s3\//);
});

test('keys that can be no name are not listed: what others have put there', async (t) => {
  const { objects } = await startFaultyS3(t, () => undefined);
  for (const key of ['folder/', 'a', '.hidden', 'b/c'])
    objects.set(`/some-bucket/some prefix/${key}`, { bytes: bytes(''), headers: {} });
  const found: string[] = [];
  for await (const name of (await openStorage(PLACE)).list('')) found.push(name);
  assert.deepEqual(found, ['a', 'b/c']);
});

test('slashes at the ends of an address, or no prefix at all, change nothing else', async (t) => {
  const { objects } = await startFaultyS3(t, () => undefined);
  const places = ['s3://some-bucket', 's3://some-bucket/', 's3://some-bucket//a/b/', 'S3://some-bucket/a/b'];
  for (const place of places) {
    const storage = await openStorage(place);
    await storage.write('x', bytes(place));
    assert.equal(await held(storage, 'x'), place);
  }
  assert.deepEqual([...objects.keys()], ['/some-bucket/x', '/some-bucket/a/b/x']);
});

test('an address that is none of S3 is refused', async () => {
  const refusals: Readonly<Record<string, RegExp>> = {
    's3://': /'' is no name of a bucket/,
    's3://Big_Bucket/x': /'Big_Bucket' is no name of a bucket, which has 3 to 63 lower-case letters/,
    's3://key:hunter2@bucket/x': /has no credentials or port in it: credentials come from/,
    's3://bucket/x?region=eu-west-1&secret=hunter2': /set AWS_REGION and AWS_ENDPOINT_URL_S3 instead/,
  };
  for (const [address, message] of Object.entries(refusals))
    await assert.rejects(openStorage(address), (error: StorageError) => {
      assert.equal(error.fault, 'address');
      assert.match(error.message, message);
      assert.equal(error.message.includes('hunter2'), false);
      return true;
    });
});

test('without the package of AWS, s3:// says how to install it', () => {
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name.replace('@aws-sdk/', '@not-there/'), context) });`;
  const program = `import { openStorage } from ${JSON.stringify(new URL('../../src/storage/index.ts', import.meta.url))};
    await openStorage('s3://some-bucket').catch(({ fault, message }) => console.log(fault, message));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, '--input-type=module', '-e', program],
    { encoding: 'utf8' },
  );
  assert.match(stdout, /^missing s3:\/\/ needs a package .*: npm install @aws-sdk\/client-s3/, stderr);
});

test('a body that is not read to its end keeps no connection', async (t) => {
  await startFaultyS3(t, () => undefined);
  const storage = await openStorage(PLACE);
  await storage.write('a', randomBytes(5_000_000));
  for (let time = 0; time < 120; time++) (await storage.read('a'))!.destroy();
  assert.notEqual(await held(storage, 'a'), null);
});
