import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { abreast, folder } from '../e2e/abreast.ts';

const TRACE = new URL('../traces/get-two-of-eight.jsonl', import.meta.url).pathname;

test('the ending of -o chooses the format, and what was written is printed', async () => {
  const at = folder();
  for (const [file, begins] of [
    ['run.har', '{"log":{"version":"1.2"'],
    ['run.json', '{"displayTimeUnit":"ms"'],
    ['run.csv', 'id,request,attempt'],
    ['run.otlp.json', '{"resourceSpans":'],
    ['RUN.HAR', '{"log":{"version":"1.2"'],
  ] as const) {
    const { code, out, err } = await abreast(['view', TRACE, '-o', file], { cwd: at });
    assert.deepEqual([code, out, err], [0, `${file}\n`, '']);
    const text = readFileSync(join(at, file), 'utf8');
    assert.ok(text.startsWith(begins), text.slice(0, 80));
  }
});

test('--json says what was written, and --only leaves out other origins', async () => {
  const at = folder();
  const args = ['view', TRACE, '-o', 'run.csv', '--json', '--only', 'https://none.example'];
  const { out } = await abreast(args, { cwd: at });
  const { bytes, ...rest } = JSON.parse(out);
  assert.deepEqual(rest, { version: 1, file: 'run.csv', traces: [TRACE] });
  const text = readFileSync(join(at, 'run.csv'), 'utf8');
  assert.equal(text.length, bytes);
  assert.equal(text.trim().split('\n').length, 1, 'the heading alone');
});

test('an ending that is none, two traces, and a folder that is not there are each refused in a line', async () => {
  const at = folder();
  mkdirSync(join(at, 'taken.har'));
  for (const [args, message] of [
    [
      ['run.pdf'],
      /^error: run\.pdf: a file ends in \.html \(a page\), \.svg \(a picture\), or in \.otlp\.json, \.har, \.json, \.csv/,
    ],
    [['run.har', TRACE], /^error: run\.har: such a file has one trace/],
    [['run.har', '--open'], /^error: --open is for a page: run\.har is none/],
    [['none/run.har'], /^error: none\/run\.har: the export can't be written: no such file or folder/],
    [['taken.har'], /^error: taken\.har: the export can't be written: it is a folder/],
  ] as const) {
    const { code, err } = await abreast(['view', TRACE, '-o', ...args], { cwd: at });
    assert.equal(code, 2);
    assert.match(err, message);
    assert.equal(err.trim().split('\n').length, 1);
  }
  assert.equal(existsSync(join(at, 'run.har')), false);
});
