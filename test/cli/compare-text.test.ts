import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonOf, textLines } from '../../src/cli/compare/text.ts';
import { type ComparedRun, type Comparison, nameOf } from '../../src/compare/index.ts';

function run(number: number, what: string, overlap: 'serial' | 'concurrent'): ComparedRun {
  const trace = `run-${number}.jsonl`;
  return { number, what, trace, seconds: number, verdict: { overlap } } as unknown as ComparedRun;
}

const PROVED = {
  outcome: 'proved',
  text: '',
  slow: 'B',
  fast: 'A',
  by: 'verdict',
  proofs: { without: [3], with: [4] },
  needed: [],
} as const;

test('a proof names both runs of the slow side, also where that side has variables of its own', () => {
  const runs = [
    run(1, 'A', 'concurrent'),
    run(2, 'B with LIMIT=1', 'serial'),
    run(3, 'B without LIMIT', 'concurrent'),
    run(4, 'A with LIMIT=1', 'serial'),
  ];
  const comparison: Comparison = {
    ...PROVED,
    set: [{ kind: 'variable', name: 'LIMIT', slow: '1', fast: undefined }],
  };
  assert.deepEqual(textLines({ comparison, runs, folder: '/kept' }), [
    '',
    'Proved: LIMIT=1',
    '  B without it is fast:  run 3: concurrent, 3.0 s',
    '  A with it is slow:     run 4: serial, 4.0 s',
    '4 runs, 10.0 s; their traces are in /kept',
    'see both: abreast view run-2.jsonl run-3.jsonl',
  ]);
});

test('what the slow side lacks makes it fast when it is there', () => {
  const runs = [
    run(1, 'A', 'concurrent'),
    run(2, 'B', 'serial'),
    run(3, 'B with THREADS=8', 'concurrent'),
    run(4, 'A without THREADS', 'serial'),
  ];
  const comparison: Comparison = {
    ...PROVED,
    set: [{ kind: 'variable', name: 'THREADS', slow: undefined, fast: '8' }],
  };
  assert.deepEqual(textLines({ comparison, runs, folder: '/kept' }).slice(1, 4), [
    'Proved: no THREADS',
    '  B with it is fast:     run 3: concurrent, 3.0 s',
    '  A without it is slow:  run 4: serial, 4.0 s',
  ]);
});

test('several that make the difference together are them, and not it', () => {
  const runs = [
    run(1, 'A', 'concurrent'),
    run(2, 'B', 'serial'),
    run(3, 'B', 'concurrent'),
    run(4, 'A', 'serial'),
  ];
  const set = ['ONE', 'TWO'].map((name) => ({ kind: 'variable', name, slow: '1', fast: undefined }) as const);
  assert.deepEqual(textLines({ comparison: { ...PROVED, set }, runs, folder: '/kept' }).slice(2, 4), [
    '  B without them is fast:  run 3: concurrent, 3.0 s',
    '  A with them is slow:     run 4: serial, 4.0 s',
  ]);
});

test('no value of a variable that holds a secret is shown or kept', () => {
  const set: Comparison['set'] = [
    { kind: 'variable', name: 'API_TOKEN', slow: 'S3CRET one', fast: 'S3CRET two' },
    { kind: 'variable', name: 'BASE', slow: 'http://me:S3CRET@localhost', fast: undefined },
  ];
  const told = { comparison: { ...PROVED, set }, runs: [], folder: '/kept' };
  assert.equal(textLines(told)[1], 'Proved: API_TOKEN=*** (not ***) and BASE=http://me:***@localhost');
  assert.doesNotMatch(JSON.stringify(jsonOf(told)), /S3CRET/);
  const setup = { variables: { API_TOKEN: 'S3CRET', LIMIT: '1' }, hidden: [], overlaid: [], side: 'A' };
  assert.equal(nameOf(setup as unknown as Parameters<typeof nameOf>[0]), 'A with API_TOKEN=*** and LIMIT=1');
});
