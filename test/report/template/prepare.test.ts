import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { prepareRequest, refuseAbsentColumns, withoutSecrets } from '../../../src/report/template/index.ts';
import { temporaryFolder } from '../../folder.ts';
import { asked, reportOf } from './prepared.ts';

const url = 'https://api.example.com/x';

/** The headers of a request over a row. */
async function headersOf(request: object, row: object, around?: Parameters<typeof asked>[2]) {
  const answer = await asked({ url, ...request }, row as Record<string, unknown>, around);
  assert.ok('url' in answer, JSON.stringify(answer));
  return answer.headers;
}

test('headers are filled in as they are, their names in lower case', async () => {
  const headers = { 'X-Id': '{{id}}-${ENV}', accept: 'text/*' };
  assert.deepEqual(await headersOf({ headers }, { id: 'a/b c' }, { env: { ENV: 'prod' } }), {
    'x-id': 'a/b c-prod',
    accept: 'text/*',
  });
});

test('whatever a value is, it adds no header and ends none', async () => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a:\r\n\0 é☃]{1,6}$/));
  await fc.assert(
    fc.asyncProperty(value, async (id) => {
      const answer = await asked({ url, headers: { 'x-id': 'a{{id}}b' } }, { id });
      if ('error' in answer) {
        assert.ok(id === '' || /[^\t\x20-\x7e\x80-\xff]/.test(id), JSON.stringify(id));
        return;
      }
      assert.deepEqual(answer.headers, { 'x-id': `a${id}b` });
      assert.doesNotMatch(id, /[\r\n\0]/);
    }),
  );
});

test('a header whose column is missing is an error of the row, which names both', async () => {
  assert.deepEqual(await asked({ url, headers: { 'x-id': '{{id}}' } }, {}), {
    error: "the row has no value for the column 'id' of the header 'x-id'",
  });
});

test('basic and bearer are what RFC 7617 and RFC 6750 say', async () => {
  const basic = { basic: { user: '{{user}}', password: '${PASSWORD}' } };
  assert.deepEqual(
    await headersOf({ auth: basic }, { user: 'Aladdin' }, { env: { PASSWORD: 'open sesame' } }),
    { authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==' },
  );
  assert.deepEqual(await headersOf({ auth: { bearer: '{{token}}' } }, { token: 't' }), {
    authorization: 'Bearer t',
  });
  assert.match(
    JSON.stringify(await asked({ url, auth: basic }, { user: 'a:b' }, { env: { PASSWORD: 'x' } })),
    /can't hold ':'/,
  );
});

test('credentials go to the origins that they are for, the first that matches', async () => {
  const auth = [
    { bearer: 'one', origins: ['https://api.example.com'] },
    { bearer: 'other', origins: ['*.example.com'] },
  ];
  const sent = async (host: string) => (await headersOf({ url: `https://${host}/`, auth }, {})).authorization;
  assert.equal(await sent('api.example.com'), 'Bearer one');
  assert.equal(await sent('api.example.com:8443'), 'Bearer other');
  assert.equal(await sent('example.com'), undefined);
  assert.equal(await sent('api.example.com.evil.com'), undefined);
  assert.equal(await sent('api-example.com'), undefined);
});

test('a command gives a header once, for all rows', async (t) => {
  const folder = temporaryFolder(t);
  const auth = { command: `echo run >> ${folder}/runs; echo 'Token abc'; echo more`, header: 'X-Auth' };
  const report = reportOf({ url, auth });
  const ask = await prepareRequest(report.requests[0]!, report);
  for (const id of [1, 2])
    assert.deepEqual((ask.ask({ id }) as { headers: object }).headers, { 'x-auth': 'Token abc' });
  assert.equal(readFileSync(join(folder, 'runs'), 'utf8'), 'run\n');
});

test('a command that fails or says nothing is told with its place', async () => {
  const refused = async (command: unknown) => {
    const report = reportOf({ url, auth: { command } });
    return prepareRequest(report.requests[0]!, report);
  };
  await assert.rejects(refused('echo no >&2; exit 3'), {
    name: 'ReportError',
    message: /^report\.json:1:\d+: the command 'sh' failed with exit code 3: no$/,
  });
  await assert.rejects(refused('true'), /printed nothing/);
  await assert.rejects(refused(['no-such-command-here']), /'no-such-command-here' was not found/);
});

test('what is secret of a row comes in every form in which it is sent', async () => {
  const request = {
    url: 'https://api.example.com/{{token}}?key=${API_KEY}&env=${STAGE}',
    headers: { 'x-api-key': 'k {{id}}', 'x-plain': '${STAGE}' },
    auth: { basic: { user: 'u', password: '{{password}}' } },
  };
  const env = { API_KEY: 'a+b', STAGE: 'prod' };
  const row = { token: "t/'1", password: 'pässword', id: 7 };
  const answer = await asked(request, row, { env, secret: ['token', 'password'] });
  assert.ok('url' in answer);
  assert.equal(answer.url, 'https://api.example.com/t%2F%271?key=a%2Bb&env=prod');
  const basic = Buffer.from('u:pässword').toString('base64');
  for (const secret of [
    'a+b',
    'a%2Bb',
    "t/'1",
    't%2F%271',
    'pässword',
    'p%C3%A4ssword',
    'k 7',
    `Basic ${basic}`,
    basic,
  ])
    assert.ok(answer.secrets.includes(secret), secret);
  assert.ok(!answer.secrets.some((secret) => secret === 'prod' || secret === ''));
  assert.deepEqual([...answer.credentials].sort(), ['authorization', 'x-api-key']);
});

test('the error of a row shows no secret of it', async () => {
  const around = { secret: ['key', 'host'] };
  for (const request of [
    { url: 'https://u:{{key}}@{{host}}/' },
    { url: 'https://{{key}}.{{port}}:{{port}}/' },
  ]) {
    const answer = await asked(request, { key: 'sesame', host: 'no host', port: 'x' }, around);
    assert.ok('error' in answer);
    assert.doesNotMatch(answer.error, /sesame|no host'/);
    assert.match(answer.error, /\*\*\*/);
  }
});

test('a row loses its secret columns, those inside of others too', () => {
  const row = { id: 1, token: 't', user: { name: 'n', key: 'k' }, list: [{ key: 'k' }] };
  assert.deepEqual(withoutSecrets(row, { secret: ['token', 'user.key', 'nothing.there'] }), {
    id: 1,
    user: { name: 'n' },
    list: [{ key: 'k' }],
  });
});

test('a column that the rows have not is told with its place, and the one that was meant', () => {
  const report = reportOf({ url: 'https://{{host}}/{{user.id}}', headers: { a: '{{hots|x}}' } });
  const [request] = report.requests;
  refuseAbsentColumns(request!, ['host', 'user', 'hots'], report);
  assert.throws(() => refuseAbsentColumns(request!, ['host', 'user'], report), {
    name: 'ReportError',
    message: /^report\.json:1:\d+: no row has the column 'hots'; did you mean 'host'\?$/,
  });
});

test('the file of authorities is read, and its absence told', async (t) => {
  const ca = join(temporaryFolder(t), 'ca.pem');
  writeFileSync(ca, 'PEM');
  const report = reportOf({ url, ca });
  assert.equal((await prepareRequest(report.requests[0]!, report)).ca, 'PEM');
});

test('a variable is one of the environment, not what every object has', async () => {
  const headers = { 'x-a': '${constructor:-none}' };
  assert.deepEqual(await headersOf({ headers }, {}), { 'x-a': 'none' });
  await assert.rejects(headersOf({ headers: { 'x-a': '${toString}' } }, {}), /no variable toString/);
});
