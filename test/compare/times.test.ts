import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Side } from '../../src/compare/differences.ts';
import type { Distribution } from '../../src/compare/environment/environment.ts';
import { compare, compareAlone, textOf } from '../../src/compare/index.ts';
import type { Run, Setup } from '../../src/compare/run.ts';

const CULPRIT: Distribution = {
  name: 'culprit',
  key: 'culprit',
  version: '1',
  modules: ['culprit'],
  requires: [],
  folder: '',
  files: [],
};

function side(name: string, installed: readonly Distribution[]): Side {
  return {
    name,
    variables: {},
    environment: {
      language: 'python',
      given: name,
      version: '3.11.2',
      distributions: new Map(installed.map((each) => [each.key, each])),
      variables: {},
      command: (words) => words,
      mirror: () => null,
    },
  };
}

const [SLOW, FAST] = [side('A', [CULPRIT]), side('B', [])];

/** Runs whose verdicts are all the same. Those with the culprit take the times of `slow` in turn, the others those of `fast`; 0: it fails at once. */
function timed(slow: readonly number[], fast: readonly number[]) {
  const made: string[] = [];
  const counts = { slow: 0, fast: 0 };
  const run = async ({ side: name, hidden, overlaid }: Setup): Promise<Run> => {
    const has = overlaid.length > 0 || (name === 'A' && hidden.length === 0);
    const times = has ? slow : fast;
    const seconds = times[counts[has ? 'slow' : 'fast']++ % times.length]!;
    made.push(hidden.length > 0 ? `${name} without` : overlaid.length > 0 ? `${name} with` : name);
    return {
      number: made.length,
      what: name,
      exitCode: seconds === 0 ? 1 : 0,
      timedOut: false,
      seconds,
      marks: { ran: true, asked: [], loaded: [], prefixes: [], failed: [] },
      output: ['it broke'],
      trace: '',
      verdict: {
        overlap: 'partly',
        step: 'sent',
        answered: seconds === 0 ? 0 : 5,
        wallMs: 1000 * seconds,
      } as Run['verdict'],
    };
  };
  return { run, made };
}

test('where the times alone differ, sides run in turns, five times each, and each proof has five runs', async () => {
  const { run, made } = timed([2, 2.1, 1.9], [1, 1.1, 0.9]);
  const { outcome, by, set, proofs } = await compare(SLOW, FAST, run);
  assert.deepEqual([outcome, by, set.map(textOf)], ['proved', 'time', ['culprit 1']]);
  assert.deepEqual(made.slice(0, 4), ['A', 'B', 'A', 'B']);
  assert.deepEqual([proofs.without.length, proofs.with.length], [5, 5]);
  assert.equal(made.length, 20);
});

test('where five runs of each do not exclude chance, more are made, and ten at most', async () => {
  const noisy = timed([2, 0.8, 2, 2, 2, 2, 2, 2, 2, 2], [1]);
  const told = await compare(SLOW, FAST, noisy.run);
  assert.equal(told.slow, 'A');
  const before = noisy.made.findIndex((what) => what !== 'A' && what !== 'B');
  assert.ok(before > 10 && before <= 20, `${before} runs`);

  const chance = timed([2, 0.5, 2], [1]);
  const none = await compare(SLOW, FAST, chance.run);
  assert.deepEqual([none.outcome, none.set], ['no difference', []]);
  assert.equal(chance.made.length, 20);
});

test('one quick run among five of the second proof does not refuse it', async () => {
  const { run } = timed([2, 2, 2, 2, 2, 1.2, 2, 2, 2, 2], [1]);
  const { outcome, set } = await compare(SLOW, FAST, run);
  assert.deepEqual([outcome, set.map(textOf)], ['proved', ['culprit 1']]);
});

test('times that come near each other end the runs after five of each', async () => {
  const { run, made } = timed([2, 1, 1.1, 1, 1.2], [1]);
  assert.equal((await compare(SLOW, FAST, run)).outcome, 'no difference');
  assert.equal(made.length, 10);
});

test('a run that fails among others is no fast run: could not tell, with two environments or one', async () => {
  const flaky = () => timed([2], [1, 0, 1, 1, 1]);
  const two = await compare(SLOW, FAST, flaky().run);
  assert.deepEqual([two.outcome, two.set], ['unknown', []]);
  assert.match(two.text, /^run 4 \(B\) ends with 1: it broke$/);
  const one = await compareAlone(
    SLOW,
    async () => [[CULPRIT]],
    flaky().run,
    async () => assert.fail(),
  );
  assert.deepEqual([one.outcome, one.set], ['unknown', []]);
});

test('one environment is enough where the times alone differ', async () => {
  const { run, made } = timed([2, 2.1, 1.9], [1, 1.1, 0.9]);
  const { outcome, by, proofs } = await compareAlone(
    SLOW,
    async () => [[CULPRIT]],
    run,
    async () => assert.fail(),
  );
  assert.deepEqual([outcome, by, made.length], ['proved', 'time', 10]);
  assert.deepEqual([proofs.without.length, proofs.with.length], [5, 5]);
});
