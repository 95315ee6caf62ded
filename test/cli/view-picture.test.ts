import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COLOURS } from '../../src/page/picture/colours.ts';
import { abreast, folder } from '../e2e/abreast.ts';

const TRACE = new URL('../traces/cases/py27-grequests-pyopenssl.slow.jsonl.zst', import.meta.url).pathname;

test('-o x.svg draws the verdict and a bar of each exchange', async () => {
  const at = folder();
  const { code, out, err } = await abreast(['view', TRACE, '-o', 'run.svg'], { cwd: at });
  assert.deepEqual([code, out, err], [0, 'run.svg\n', '']);
  const svg = readFileSync(join(at, 'run.svg'), 'utf8');
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.match(svg, /<title>serial: 20 wanted at once/);
  assert.match(svg, /prefers-color-scheme:dark/);
  assert.equal([...svg.matchAll(/>\/delay\?ms=200</g)].length, 20);
  assert.ok([...svg.matchAll(/<rect class="blocked"/g)].length > 20);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  assert.equal(statSync(join(at, 'run.svg')).mode & 0o777, 0o600);
});

test('a picture of many exchanges has the 200 longest, and says so', async () => {
  const at = folder();
  const exchanges = Array.from({ length: 300 }, (_, id) => ({
    kind: 'exchange',
    id,
    origin: 'http://a.test',
    url: `http://a.test/${id}`,
    wantedUs: id,
    sentUs: id,
    readUs: 1_000 + 100 * id,
    status: 200,
  }));
  const records = [
    { kind: 'run', version: 2, startedUs: 0, command: [], recorders: [] },
    ...exchanges,
    { kind: 'end', endedUs: 40_000, lost: {} },
  ];
  writeFileSync(join(at, 'many.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const { err } = await abreast(['view', 'many.jsonl', '-o', 'run.svg'], { cwd: at });
  assert.equal(err, 'The run has 300 exchanges: run.svg shows the 200 longest.\n');
  const svg = readFileSync(join(at, 'run.svg'), 'utf8');
  assert.match(svg, /The 200 longest of 300 exchanges\./);
  assert.match(svg, />\/299</);
  assert.doesNotMatch(svg, />\/99</);
});

test('no string of a trace becomes markup of a picture, or a secret in it', async () => {
  const at = folder();
  const url = 'http://a.test/"><script>alert(1)</script>\u0000\ud800?token=abcdefgh12345678';
  const records = [
    { kind: 'run', version: 2, startedUs: 0, command: [], recorders: [] },
    { kind: 'exchange', id: 1, origin: 'http://a.test', url, wantedUs: 0, sentUs: 1, readUs: 9, status: 200 },
    { kind: 'end', endedUs: 10, lost: {} },
  ];
  writeFileSync(join(at, 'hostile.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const { code } = await abreast(['view', 'hostile.jsonl', '-o', 'run.svg'], { cwd: at });
  assert.equal(code, 0);
  const svg = readFileSync(join(at, 'run.svg'), 'utf8');
  assert.doesNotMatch(svg, /<script|abcdefgh12345678/);
  for (const letter of ['\u0000', '\ud800']) assert.ok(!svg.includes(letter));
});

test('two traces, and a folder that is not there, are refused in a line', async () => {
  for (const [args, message] of [
    [[TRACE, '-o', 'run.svg'], /^error: run\.svg: a picture has one trace/],
    [['-o', 'none/run.svg'], /^error: none\/run\.svg: the picture can't be written: no such file or folder/],
  ] as const) {
    const { code, err } = await abreast(['view', TRACE, ...args], { cwd: folder() });
    assert.equal(code, 2);
    assert.match(err, message);
  }
});

test('the colours of a picture are those of the page', () => {
  const css = readFileSync(new URL('../../src/page/app/theme.css', import.meta.url), 'utf8');
  for (const [name, [light, dark]] of Object.entries(COLOURS))
    assert.ok(css.includes(`--${name}: light-dark(${light}, ${dark});`), name);
});
