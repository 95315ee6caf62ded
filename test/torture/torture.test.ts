import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { valid } from './case.ts';
import { curlVersion } from './clients/curl.ts';
import { digest } from './digest.ts';
import { faultOf } from './judge.ts';
import { KNOWN, knownOf, rowOf } from './known.ts';

const PROGRAM = join(import.meta.dirname, 'run.ts');

function torture(...args: string[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
}

test('no generated server loses, doubles, hangs or crashes a GET, nor is an answer unlike what it says', () => {
  const { status, stdout } = torture('--seed', '1', '--count', '400');
  const summary = stdout.trim().split('\n').at(-1)!;
  assert.match(summary, /: 0 lost, 0 doubled, 0 hung, 0 crashed, 0 wrong, /, stdout);
  assert.equal(status, 0, stdout);
});

test('a judge that disagrees is heard', {
  skip: curlVersion() === null && 'needs curl 7.75 or newer',
}, () => {
  const { stdout } = torture('--seed', '1', '--count', '60');
  assert.match(stdout, /^ +\d+ {2}curl: .+ abreast refuses; RFC 9\d+ §/m);
});

test('one case alone shows what was asked, what the server said, and what each client made of it', () => {
  const { stdout } = torture('--seed', '1', '--case', '5');
  assert.match(stdout, /^request 0: http/m);
  assert.match(stdout, /^server 5: asked for 0/m);
  assert.match(stdout, /^request 0: abreast: \{/m);
});

test('a case number beyond reason, and an option that is not there, are exit code 2', () => {
  assert.equal(torture('--case', 'x').status, 2);
  assert.equal(torture('--hours', '2').status, 2);
});

const ASK = {
  url: 'http://127.0.0.1/1/0',
  profile: 'patient',
  truth: valid(200, Buffer.from('body')),
  peers: [],
  peerUrl: 'http://127.0.0.1/1/0',
} as const;

function outcome(status: number, body: string, totalMs = 5) {
  return { status, error: null, body: digest(Buffer.from(body)), headers: {}, totalMs };
}

test('a result that is missing, doubled, of another answer or late is found', () => {
  assert.equal(faultOf(ASK, [outcome(200, 'body')]), null);
  assert.equal(faultOf(ASK, [])?.kind, 'lost');
  assert.equal(faultOf(ASK, [outcome(200, 'body'), outcome(200, 'body')])?.kind, 'doubled');
  assert.equal(faultOf(ASK, [outcome(200, 'bod')])?.kind, 'wrong');
  assert.equal(faultOf(ASK, [outcome(404, 'body')])?.kind, 'wrong');
  assert.equal(faultOf(ASK, [outcome(200, 'body', 100_000)])?.kind, 'late');
});

test('an error with a code that does not fit the answer is found', () => {
  const error = { code: 'dns', text: 'no such name' };
  assert.equal(faultOf(ASK, [{ status: null, error, body: null, headers: {}, totalMs: 5 }])?.kind, 'wrong');
});

test('a known difference holds for its marks, its client and its way alone', () => {
  assert.match(knownOf(['field-name-empty'], 'curl', 'refuses')!.rfc, /RFC 9110/);
  assert.equal(knownOf(['field-name-empty'], 'curl', 'accepts'), null);
  assert.equal(knownOf(['no-redirect'], 'undici', 'accepts'), null);
  assert.equal(knownOf([], 'curl', 'refuses'), null);
});

test('docs/robustness.md has every known difference, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/robustness.md'), 'utf8');
  const rows = page.split('\n').filter((line) => / \| (refuses|accepts|differs) \| /.test(line));
  assert.deepEqual(rows, KNOWN.map(rowOf));
});
