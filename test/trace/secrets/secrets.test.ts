import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { redactArgv, redactHeader, redactRecord, redactText, redactUrl } from '../../../src/trace/index.ts';
import { aRun } from '../example.ts';

/** Made up, in pieces so that no scanner of repositories takes them for real ones. */
const GITHUB = `ghp_${'0123456789abcdefABCD'}`;
const JWT = ['eyJhbGciOiJI', 'eyJzdWIiOiIx', 'c2lnbmF0dXJl'].join('.');

describe('a URL', () => {
  it('never shows its password or a token, whatever stands around it, and is not changed by a second time', () => {
    const secret = fc.stringMatching(/^Q[a-z]{5,12}Q$/);
    fc.assert(
      fc.property(
        fc.webUrl({ withQueryParameters: true }),
        secret,
        secret,
        fc.webQueryParameters(),
        (url, password, token, query) => {
          const whole = `${url.replace('://', `://me:${password}@`)}${url.includes('?') ? '&' : '?'}access_token=${token}&${query}`;
          const without = redactUrl(whole);
          assert.ok(!without.includes(password) && !without.includes(token), without);
          assert.equal(redactUrl(without), without);
        },
      ),
    );
  });
});

describe('a command line', () => {
  const replaced: [string, string][] = [
    ['curl -u me:pw https://h/', 'curl -u *** https://h/'],
    ['curl -ume:pw https://me:pw@h/', 'curl -u*** https://me:***@h/'],
    ['curl --user=me:pw --proxy-user me:pw', 'curl --user=*** --proxy-user ***'],
    ['curl -b sid=1 --oauth2-bearer abc', 'curl -b *** --oauth2-bearer ***'],
    ['tool --token abc --api-key=abc --password abc', 'tool --token *** --api-key=*** --password ***'],
    [
      'env API_KEY=a GH_TOKEN=b DB_PASSWORD_FILE=c NAME=d tool',
      'env API_KEY=*** GH_TOKEN=*** DB_PASSWORD_FILE=*** NAME=d tool',
    ],
    [`tool ${GITHUB}`, 'tool ***'],
    ['python -u report.py -n 3 -o out.csv', 'python -u report.py -n 3 -o out.csv'],
    ['curl -H @headers.txt', 'curl -H @headers.txt'],
    ['curl -x me:pw@proxy:3128 --proxy=me:pw@proxy', 'curl -x me:***@proxy:3128 --proxy=me:***@proxy'],
    ['curl -xme:pw@proxy:3128 -kx me:pw@proxy', 'curl -xme:***@proxy:3128 -kx me:***@proxy'],
    ['curl -ku me:pw -sSH X-Key:abc', 'curl -ku *** -sSH X-Key: ***'],
    ['tar -xf a.tar', 'tar -xf a.tar'],
  ];
  for (const [command, without] of replaced) {
    it(`${command}`, () => assert.equal(redactArgv(command.split(' ')).join(' '), without));
  }

  it("keeps a header's name, and its value only where it is everybody's", () => {
    assert.deepEqual(
      redactArgv(['curl', '-H', 'X-Key: abc', '-HCookie: a=b', '--header', 'accept: text/html']),
      ['curl', '-H', 'X-Key: ***', '-HCookie: ***', '--header', 'accept: text/html'],
    );
  });

  it('is read through where it stands in one argument', () => {
    const script = `curl -H "authorization: Bearer abc" -u me:pw 'https://me:pw@h/?sig=1' --token abc; A_TOKEN=abc x`;
    const [, , without] = redactArgv(['sh', '-c', script]);
    assert.equal(
      without,
      `curl -H "authorization: ***" -u *** 'https://me:***@h/?sig=***' --token *** A_TOKEN=*** x`,
    );
  });
});

describe('a header', () => {
  const written: [name: string, value: string, written: string][] = [
    ['Authorization', 'Basic eA==', '***'],
    ['set-cookie', 'a=b', '***'],
    ['X-API-Key', 'abc', '***'],
    ['x-functions-key', 'abc', '***'],
    ['X-Mashape-Key', 'abc', '***'],
    ['x-any', GITHUB, '***'],
    ['location', '/next?access_token=abc&n=1', '/next?access_token=***&n=1'],
    ['Location', 'https://me:p w@h/?code=a b', 'https://me:***@h/?code=***'],
    ['content-location', '/x;jsessionid=1F?n=1', '/x;jsessionid=***?n=1'],
    ['referer', 'https://h/?ticket=abc', 'https://h/?ticket=***'],
    ['refresh', '5; url=https://me:pw@h/?sig=1', '5; url=https://me:***@h/?sig=***'],
    [
      'link',
      '<https://h/?n=1&token=abc>; rel="next"; title="a, b", </x?key=1>; rel="last"',
      '<https://h/?n=1&token=***>; rel="next"; title="a, b", </x?key=***>; rel="last"',
    ],
    ['x-next-page', 'https://h/?n=2&api_key=abc', 'https://h/?n=2&api_key=***'],
    [
      'report-to',
      '{"endpoints":[{"url":"https://h/?s=1&token=abc"}]}',
      '{"endpoints":[{"url":"https://h/?s=1&token=***"}]}',
    ],
    ['x-said', '{"token": "abc", "n": 1}', '{"token": "***", "n": 1}'],
    ['x-said', 'user=me; token="abc"', 'user=me; token="***"'],
  ];
  for (const [name, value, without] of written)
    it(`${name}: ${value}`, () => {
      assert.equal(redactHeader(name, value), without);
      assert.equal(redactHeader(name, without), without);
    });

  for (const [name, value] of [
    ['content-type', 'text/html; charset=utf-8'],
    ['cache-control', 'max-age=60, public'],
    ['etag', '"0123456789abcdef0123456789abcdef"'],
    ['access-control-allow-credentials', 'true'],
    ['surrogate-key', 'one two'],
    ['idempotency-key', '7'],
    ['x-cache-key', '/x'],
    ['www-authenticate', 'Bearer realm="here", error="invalid_request"'],
    ['link', '</x?page=2>; rel="next"'],
    ['set-login', 'status=logged-in'],
  ] as const)
    it(`${name}: ${value} stays as it is`, () => assert.equal(redactHeader(name, value), value));

  it('keeps the secrets of its URLs where they are to be kept, and no others', () => {
    assert.equal(redactHeader('location', '/?token=abc', true), '/?token=abc');
    assert.equal(redactHeader('link', '</?token=abc>; rel="next"', true), '</?token=abc>; rel="next"');
    assert.equal(redactHeader('x-api-key', 'abc', true), '***');
  });
});

describe('other places', () => {
  it('a message holds no URL password, bearer or assignment', () => {
    const text = redactText(
      `GET https://me:pw@h/ said "Bearer abcdefgh"; {"password": "pw"} PGPASSWORD=pw ${JWT}`,
    );
    assert.doesNotMatch(text, /pw|abcdefgh|eyJ/);
    assert.match(text, /^GET https:\/\/me:\*\*\*@h\/ said "Bearer \*\*\*"/);
  });

  it('a message holds no secret of a relative URL, a form or quoted JSON', () => {
    for (const [text, without] of [
      [
        "it redirects to '/x?access_token=abc&n=1', which is none",
        "it redirects to '/x?access_token=***&n=1', which is none",
      ],
      ['back to h/x?code=abc', 'back to h/x?code=***'],
      ['it said token=abc&n=1', 'it said token=***&n=1'],
      ['it said n=1&token=abc', 'it said n=1&token=***'],
      ['it said {\\"token\\":\\"abc"', 'it said {\\"token\\":\\"***"'],
    ] as const)
      assert.equal(redactText(text), without);
  });

  it('a plain message stays as it is', () => {
    const text = 'strace: 3 lines not understood in 1.2 s (poll on 1 descriptor); worker=4, at report.py:31';
    assert.equal(redactText(text), text);
  });

  it('every kind of record that can hold one is freed of it', () => {
    const argv = ['curl', '--token', 'hunter2'];
    const records = [
      aRun({ command: argv }),
      { kind: 'process', pid: 1, argv },
      { kind: 'stack', id: 1, frames: [{ file: 'https://h/app.js?token=hunter2', line: 1 }] },
      { kind: 'note', atUs: 0, text: 'no answer from https://me:hunter2@h/' },
      {
        kind: 'exchange',
        id: 1,
        origin: 'https://h',
        url: 'https://h/?token=hunter2',
        error: 'https://me:hunter2@h/ refused',
      },
      {
        kind: 'environment',
        pid: 1,
        language: 'python',
        version: '3',
        limits: [{ kind: 'other', size: 1, of: 'pool https://me:hunter2@h' }],
      },
    ] as const;
    for (const record of records) assert.doesNotMatch(JSON.stringify(redactRecord(record)), /hunter2/);
  });
});
