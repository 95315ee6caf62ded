import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { redactArgv, redactHeader, redactRecord, redactText, redactUrl } from '../../src/trace/index.ts';
import { aRun } from './example.ts';

/** Made up, in pieces so that no scanner of repositories takes them for real ones. */
const GITHUB = `ghp_${'0123456789abcdefABCD'}`;
const JWT = ['eyJhbGciOiJI', 'eyJzdWIiOiIx', 'c2lnbmF0dXJl'].join('.');

describe('a URL', () => {
  const replaced: [string, string][] = [
    ['https://me:pw@h/x', 'https://me:***@h/x'],
    ['https://me:p@w@h/x', 'https://me:***@h/x'],
    ['http://me:pa/ss@h/', 'http://me:***@h/'],
    ['//me:pw@h/', '//me:***@h/'],
    [`https://${GITHUB}@h/`, 'https://***@h/'],
    [`https://${GITHUB}:x-oauth-basic@h/`, 'https://***:x-oauth-basic@h/'],
    ['https://account:@h/', 'https://***:@h/'],
    ['https://h/?token=abc&n=1', 'https://h/?token=***&n=1'],
    ['https://h/?n=1&Access%5FToken=q#id_token=z', 'https://h/?n=1&Access%5FToken=***#id_token=***'],
    ['https://h/?API-Key=1;password=2', 'https://h/?API-Key=***;password=***'],
    [
      'https://h/?X-Amz-Signature=ab&X-Amz-Credential=c',
      'https://h/?X-Amz-Signature=***&X-Amz-Credential=***',
    ],
    ['https://h/?to=https%3A%2F%2Fme%3Apw%40h', 'https://h/?to=***'],
    [`https://h/?q=${JWT}`, 'https://h/?q=***'],
    ['https://h/?q=aB3dE5gH7jK9mN1pQ3sT5vW7', 'https://h/?q=***'],
    [`https://h/repos/${GITHUB}/x`, 'https://h/repos/***/x'],
  ];
  for (const [url, without] of replaced) {
    it(`${url} is written as ${without}`, () => assert.equal(redactUrl(url), without));
  }

  for (const url of [
    'https://example.com:8443/a@b?n=1&author=me&max_tokens=100',
    'https://example.com/x?id=7b0c1d2e-1111-2222-3333-444455556666&sort=name',
    'https://[::1]:8443/bytes/100?n=1000000',
    'https://me@example.com/?key=name&empty=&token=',
    'no url at all',
    '',
  ]) {
    it(`${url || '(an empty one)'} stays as it is`, () => assert.equal(redactUrl(url), url));
  }

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

describe('other places', () => {
  it('a message holds no URL password, bearer or assignment', () => {
    const text = redactText(
      `GET https://me:pw@h/ said "Bearer abcdefgh"; {"password": "pw"} PGPASSWORD=pw ${JWT}`,
    );
    assert.doesNotMatch(text, /pw|abcdefgh|eyJ/);
    assert.match(text, /^GET https:\/\/me:\*\*\*@h\/ said "Bearer \*\*\*"/);
  });

  it('a plain message stays as it is', () => {
    const text = 'strace: 3 lines not understood in 1.2 s (poll on 1 descriptor); worker=4, at report.py:31';
    assert.equal(redactText(text), text);
  });

  it('a header of credentials is replaced, others stay', () => {
    assert.equal(redactHeader('Authorization', 'Basic eA=='), '***');
    assert.equal(redactHeader('set-cookie', 'a=b'), '***');
    assert.equal(redactHeader('content-type', 'text/html'), 'text/html');
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
        limits: [{ name: 'pool https://me:hunter2@h', value: 1 }],
      },
    ] as const;
    for (const record of records) assert.doesNotMatch(JSON.stringify(redactRecord(record)), /hunter2/);
  });
});
