import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FetchError } from '../../src/fetch/errors.ts';
import { OPTION_NAMES, option, type Reader } from '../../src/fetch/option-names.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('an error names an option as its reader knows it', () => {
  const error = new FetchError(
    'timeout',
    `no answer in 1 s; allow more with ${option('timeout')} if you like`,
  );
  const told = (['library', 'get', 'report'] as const).map((reader) => error.tell(reader).message);
  assert.deepEqual(told, [
    'no answer in 1 s; allow more with timeout if you like',
    'no answer in 1 s; allow more with --timeout if you like',
    'no answer in 1 s; allow more with limits.timeout if you like',
  ]);
  assert.equal(new FetchError('timeout', option('timeout')).message, 'timeout');
});

test('advice that a report can not follow is left out, and nothing else', () => {
  const text = `the host has no address; leave out ${option('family')}; check the name`;
  const error = new FetchError('dns', text);
  assert.equal(error.tell('report').message, 'the host has no address; check the name');
  assert.match(error.tell('get').message, /; leave out -4 or -6; check the name$/);
});

test('an error that tells of another one names its options, too', () => {
  const why = new FetchError('timeout-connect', `late; allow more with ${option('connectTimeout')}`);
  why.tell('library');
  const around = new FetchError('origin-down', `given up; the last time: ${why.text}`, why).tell('get');
  assert.equal(around.message, 'given up; the last time: late; allow more with --connect-timeout');
});

test('every name is one that its reader has', () => {
  const known: Readonly<Record<Reader, string>> = {
    library: read('src/fetch/options.ts'),
    get: read('src/cli/get/options.ts'),
    report: read('schema/report.json'),
  };
  for (const names of Object.values(OPTION_NAMES))
    for (const [reader, name] of Object.entries(names) as [Reader, string | null][]) {
      const keys = name?.match(reader === 'get' ? /--?[\w.-]+/g : /\w+(?=[.: ]|$)/g) ?? [];
      if (name === 'another protocol') continue;
      for (const key of keys.filter((word) => word !== 'and'))
        assert.ok(known[reader].includes(key), `${reader} has no ${key}`);
    }
});
