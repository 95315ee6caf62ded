import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareDefinition } from '../../src/cli/compare/options.ts';
import { runCompare } from '../../src/cli/compare/run.ts';
import { oneIn, twoIn } from '../../src/cli/compare/sides.ts';
import { whyIncomplete } from '../../src/compare/known.ts';
import type { Run } from '../../src/compare/run.ts';
import { lay, temporaryFolder } from '../folder.ts';

test('one environment where two are wanted is not taken for a file named --', () => {
  const wanted = /give two environments .*with one environment, add --suspects or --hide NAME/;
  assert.throws(() => twoIn(['venv', '--', 'python', 'report.py']), wanted);
  assert.throws(() => twoIn(['--', 'python', 'report.py']), wanted);
});

test('two environments where one is wanted are not taken for a command', (t) => {
  const folder = temporaryFolder(t);
  const [a, b] = ['a', 'b'].map((name) => join(folder, name)) as [string, string];
  for (const each of [a, b]) mkdirSync(each);
  assert.throws(
    () => oneIn([a, b, '--', 'python', 'report.py'], 'EXAMPLE'),
    /two environments before the --, and this wants one or none: EXAMPLE/,
  );
  assert.deepEqual(oneIn(['sh', 'run.sh', '--', 'x'], ''), {
    sides: [],
    command: ['sh', 'run.sh', '--', 'x'],
  });
});

test('--hide without a name, and with --suspects, is bad usage', async () => {
  const definition = compareDefinition()
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  assert.throws(() => definition.parse(['--hide', ' , ', '--', 'python'], { from: 'user' }), /Give the name/);
  const flags = {
    hide: ['six'],
    suspects: true,
    envA: [],
    envB: [],
    maxRuns: 1,
    timeout: '1s',
    syscalls: true,
  };
  await assert.rejects(runCompare(['python', 'x.py'], flags), /--suspects and --hide do not go together/);
});

test('packages of Node are not compared with an environment of Python', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'node_modules'));
  lay(join(folder, 'bin'), { python: '#!/bin/sh\necho \'["3.12.1", "/none", []]\'\n' });
  const both = [folder, join(folder, 'node_modules')];
  const flags = { envA: [], envB: [], maxRuns: 1, timeout: '1s', syscalls: true };
  await assert.rejects(runCompare([...both, '--', 'node', 'x.js'], flags), /is of Python and .* of Node/);
});

test('the reason of a run that failed is the line with its error, not the last one that a runtime prints', () => {
  const why = (output: readonly string[]) =>
    whyIncomplete({ number: 1, what: 'A', exitCode: 1, timedOut: false, output } as unknown as Run, 5);
  const ofNode = ["Error: Cannot find module 'undici'", '    at x (y.js:1:2) {', '}', '', 'Node.js v20.20.2'];
  assert.equal(why(ofNode), "run 1 (A) ends with 1: Error: Cannot find module 'undici'");
  assert.equal(why(['one', '3 orders are wrong', '']), 'run 1 (A) ends with 1: 3 orders are wrong');
});
