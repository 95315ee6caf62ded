import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { watchDefinition } from '../../../src/cli/watch/options.ts';
import { examine } from '../../../src/watch/doctor.ts';
import { kitVariables, writeKit } from '../../../src/watch/kit.ts';
import { probes, recorders } from '../../../src/watch/recorders/list.ts';
import { judged } from '../../../src/watch/recorders/python/examine.ts';
import type { Invocation } from '../../../src/watch/recorders/recorder.ts';

const ROOM = new URL('../../../src/watch/', import.meta.url);
const FOLDERS = readdirSync(new URL('recorders/', ROOM), { withFileTypes: true }).filter((entry) =>
  entry.isDirectory(),
);

test('each folder of recorders is in the list, and no other file of the room names one', () => {
  assert.deepEqual(recorders.map(({ name }) => name).sort(), FOLDERS.map(({ name }) => name).sort());
  for (const file of ['watch.ts', 'launch.ts', 'doctor.ts', 'kit.ts', 'missed.ts', 'join.ts', 'index.ts']) {
    // The door's comment says how the room works; its code is what must not know them.
    const text = readFileSync(new URL(file, ROOM), 'utf8')
      .replace(/^\/\*\*[\s\S]*?\*\//, '')
      .replaceAll("'node:", "'");
    assert.doesNotMatch(text, /python|\bnode\b|ruby|syscalls|strace|sitecustomize|NODE_OPTIONS/i, file);
  }
});

test('what the program has set stays, and every recorder adds to what the ones before it added', () => {
  const own = { PYTHONPATH: '/mine', NODE_OPTIONS: '--no-deprecation', RUBYOPT: '-w', OTHER: 'kept' };
  const run = { folder: '/run', file: '/bin/true', startedUs: 0, keepUrls: true };
  const { environment } = recorders.reduce<Invocation>(
    (invocation, recorder) => recorder.begin(invocation, run).invocation,
    { command: ['true'], environment: own as NodeJS.ProcessEnv },
  );
  assert.match(environment.PYTHONPATH!, /python:\/mine$/);
  assert.match(environment.NODE_OPTIONS!, /^--require .*probe\.cjs --no-deprecation$/);
  assert.match(environment.RUBYOPT!, /^-r.*abreast_probe\.rb -w$/);
  assert.equal(environment.OTHER, 'kept');
  assert.equal(environment.ABREAST_TRACE, '/run/%p.jsonl');
  assert.equal(environment.ABREAST_KEEP_URLS, '1');
});

test('the kit holds each probe, and says how it is loaded and on which versions', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-kit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.equal(writeKit(folder).length, probes.length + 1);
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  for (const { language, versions, example } of probes) {
    assert.ok(readme.includes(`${language} ${versions}`), readme);
    assert.match(readme, new RegExp(`^    \\w+=.*DIR.* ABREAST_TRACE=/tmp/t-%p.jsonl ${example}$`, 'm'));
  }
  const variables = kitVariables('/kit', '/traces/%p.jsonl');
  assert.deepEqual(variables, [
    'PYTHONPATH=/kit',
    'NODE_OPTIONS=--require /kit/probe.cjs',
    'RUBYOPT=-r/kit/abreast_probe.rb',
    'ABREAST_TRACE=/traces/%p.jsonl',
  ]);
});

test('--no-syscalls names the languages that are recorded from inside', () => {
  const { description } = watchDefinition().options.find(({ long }) => long === '--no-syscalls')!;
  for (const { language } of probes) assert.ok(description.includes(language), description);
});

test('doctor looks at every recorder', () => {
  const found = examine({ PATH: '/nowhere' }).map(({ what }) => what);
  for (const recorder of recorders)
    for (const { what } of recorder.examine({ PATH: '/nowhere' })) assert.ok(found.includes(what), what);
});

test('a Python newer than the tested ones is not called good, and docs name the same versions', () => {
  assert.equal(judged('2.7.18').good, true);
  assert.equal(judged('3.13.0').good, true);
  assert.equal(judged('3.14.0').good, null);
  assert.match(judged('3.14.0').text, /^3\.14\.0 loads the probe, which was tested on 2\.7, 3\.6 to 3\.13$/);
  assert.equal(judged('3.5.9').good, false);
  const page = readFileSync(new URL('../../../docs/watch.md', import.meta.url), 'utf8');
  for (const { language, versions } of probes)
    assert.match(
      page,
      new RegExp(`^\\| ${language} .*(CPython|CRuby|Node) ${versions.replaceAll('.', '\\.')}`, 'm'),
    );
});
