import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULTS } from '../../src/fetch/index.ts';
import { abreast } from '../e2e/abreast.ts';

test('bare abreast is at most 17 lines of 80 columns, with a command to copy', async () => {
  const { code, out } = await abreast([]);
  const lines = out.trimEnd().split('\n');
  assert.equal(code, 0);
  assert.ok(lines.length <= 17 && lines.every((line) => line.length <= 80), out);
  assert.match(out, /^ {2}abreast get https:\/\/\S+ -n 100 -c 10$/m);
});

test('get --help fits 80 columns and has every default of the engine', async () => {
  const { code, out } = await abreast(['get', '--help'], { env: { COLUMNS: '200' } });
  assert.equal(code, 0);
  assert.deepEqual(
    out.split('\n').filter((line) => line.length > 80),
    [],
  );
  const flat = out.replace(/\s+/g, ' ');
  const defaultOf = (option: string) => {
    const about = flat.slice(flat.indexOf(` ${option} <`));
    return /\(default: ([^)]*)\)/.exec(about)?.[1];
  };
  assert.equal(defaultOf('--concurrency'), String(DEFAULTS.concurrency));
  assert.equal(defaultOf('--timeout'), DEFAULTS.timeout);
  assert.equal(defaultOf('--connect-timeout'), DEFAULTS.connectTimeout);
  assert.equal(defaultOf('--first-byte-timeout'), DEFAULTS.firstByteTimeout);
  assert.equal(defaultOf('--idle-timeout'), DEFAULTS.idleTimeout);
  assert.equal(defaultOf('--retries'), String(DEFAULTS.retries));
  assert.equal(defaultOf('--max-retry-after'), DEFAULTS.maxRetryAfter);
  assert.equal(defaultOf('--max-redirs'), String(DEFAULTS.maxRedirects));
  assert.equal(defaultOf('--max-body'), `${DEFAULTS.maxBody / 2 ** 20}MB`);
});

test('an unknown command or option names the nearest one', async () => {
  const command = await abreast(['gte']);
  assert.equal(command.code, 2);
  assert.match(command.err, /unknown command 'gte'\s+\(Did you mean get\?\)/);
  const option = await abreast(['get', '--concurency', '5', 'https://127.0.0.1/']);
  assert.equal(option.code, 2);
  assert.match(option.err, /unknown option '--concurency'\s+\(Did you mean --concurrency\?\)/);
});

test('a command of a command ends like the others: 2 for bad usage, no value shown, help for 80 columns', async () => {
  for (const args of [
    ['lambda', 'pack'],
    ['lambda', 'layer', 'x'],
    ['report', 'init', 'a', 'b'],
  ]) {
    const { code, err } = await abreast(args);
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
  }
  const { code, err } = await abreast(['lambda', 'pack', '--token=hidden']);
  assert.deepEqual(
    [code, /unknown option '--token=\*\*\*'/.test(err), err.includes('hidden')],
    [2, true, false],
  );
  const { out } = await abreast(['lambda', 'template', '--help'], { env: { COLUMNS: '200' } });
  assert.ok(
    out.split('\n').every((line) => line.length <= 80),
    out,
  );
});
