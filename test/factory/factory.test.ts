import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Verdict } from '../../src/diagnose/index.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { CLIENTS } from './clients.ts';
import { type Run, selected } from './factory.ts';
import { judgeOf, strangeness } from './judge.ts';
import { MECHANISMS } from './mechanisms.ts';
import { tablePattern } from './page.ts';
import { errorOf } from './predict.ts';
import { type Program, programOf, twinOf } from './program.ts';
import { textOf } from './programs/index.ts';
import { predictionTableOf, tableOf } from './report.ts';
import { trialTableOf, triedTableOf } from './try.ts';

test('a seed makes the same program each time, and another seed another one', () => {
  const texts = Array.from({ length: 200 }, (_, seed) =>
    JSON.stringify([programOf(seed), textOf(programOf(seed))]),
  );
  const again = Array.from({ length: 200 }, (_, seed) =>
    JSON.stringify([programOf(seed), textOf(programOf(seed))]),
  );
  assert.deepEqual(again, texts);
  assert.equal(new Set(texts).size, 200);
});

test('each mechanism has a text in every client that it names, and so has its twin', () => {
  for (const [mechanism, rule] of Object.entries(MECHANISMS)) {
    const clients = Object.keys(CLIENTS).filter((client) => rule.clients(CLIENTS[client]!));
    assert.ok(clients.length > 0, mechanism);
    for (const client of clients)
      for (const variant of [0, 1]) {
        const program = { ...programOf(1), mechanism, client, variant };
        assert.doesNotMatch(textOf(program).source, /K_AT_A_TIME|PEEK|undefined/, `${client}, ${mechanism}`);
        const twin = twinOf(program);
        if (twin !== null) textOf(twin);
      }
  }
});

const SLOW = {
  ...programOf(1),
  mechanism: 'semaphore',
  client: 'aiohttp',
  n: 9,
  k: 3,
  delaysMs: Array(9).fill(100),
};
const COUNTED = { requests: 9, refused: 0, spanMs: 310, mean: 2.9, max: 3 };

function verdictOf(overlap: string, step: string, ...causes: string[]): Verdict {
  const named = causes.map((id) => ({ id, text: id }));
  return { verdict: 'a sentence', overlap, step, facts: [], causes: named } as unknown as Verdict;
}

test('a verdict is right when overlap, step and first cause are those of the mechanism', () => {
  const { right } = judgeOf(SLOW, verdictOf('partly', 'dispatched', 'semaphore'));
  assert.deepEqual(right, { overlap: true, step: true, cause: true, blame: true });
});

test('another cause before the true one, or beside it, is a false blame', () => {
  const { right } = judgeOf(SLOW, verdictOf('partly', 'dispatched', 'resource-limit', 'semaphore'));
  assert.deepEqual(right, { overlap: true, step: true, cause: false, blame: false });
  assert.equal(judgeOf(SLOW, verdictOf('partly', 'dispatched', 'semaphore', 'lock')).right.blame, false);
});

test('that no cause was found is wrong of a slow program, and blames nobody', () => {
  const { right } = judgeOf(SLOW, verdictOf('partly', 'dispatched', 'unexplained'));
  assert.deepEqual(right, { overlap: true, step: true, cause: false, blame: true });
});

test('any cause is a false blame where nothing is wrong', () => {
  const fast: Program = { ...SLOW, mechanism: 'none' };
  assert.equal(judgeOf(fast, verdictOf('concurrent', 'none')).right.blame, true);
  assert.equal(judgeOf(fast, verdictOf('concurrent', 'none', 'unexplained')).right.blame, false);
});

test('a run that the servers saw otherwise than it was made is not judged', () => {
  assert.equal(strangeness(SLOW, COUNTED), null);
  assert.match(strangeness(SLOW, { ...COUNTED, max: 9 })!, /9 at once, where the program allows 3/);
  assert.match(strangeness({ ...SLOW, mechanism: 'none' }, COUNTED)!, /busy/);
});

test('a prediction that is half or twice of what came is as wrong', () => {
  assert.equal(errorOf({ possibleMs: 200, tookMs: 100 }), 2);
  assert.equal(errorOf({ possibleMs: 100, tookMs: 200 }), 2);
});

test('docs/watch.md has the tables of what was tried, in the form that the commands write', (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/watch.md'), 'utf8');
  const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('|'));
  for (const [command, empty] of [
    ['try', trialTableOf([])],
    ['try -- --tried', triedTableOf(temporaryFolder(t))],
  ] as const) {
    const said = rows(tablePattern(command).exec(page)![0]);
    assert.deepEqual(said.slice(0, 2), rows(empty));
    assert.ok(
      said.slice(2).some((row) => row.endsWith('| helped |')),
      'no change helped',
    );
  }
});

test('a verdict that watch --try wrote is a row for each change, and none where nothing was tried', (t) => {
  const folder = temporaryFolder(t);
  const tried = {
    text: 'X is 9 instead of 1',
    outcome: 'helped',
    why: null,
    before: { wallMs: 1234 },
    after: { wallMs: 100 },
    predictedMs: null,
  };
  lay(folder, { 'one.json': JSON.stringify({ tried: [tried] }), 'two.json': '{}' });
  assert.match(
    triedTableOf(folder),
    /\n\| one \| X is 9 instead of 1 \| 1\.23 s \| - \| 0\.10 s \| helped \|\n$/,
  );
});

test('docs/watch.md has both tables, in the form that the commands write', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/watch.md'), 'utf8');
  const head = (table: string) => table.split('\n').slice(0, 2);
  for (const [command, empty] of [
    ['factory', tableOf([])],
    ['predict', predictionTableOf([])],
  ] as const) {
    const [said] = tablePattern(command).exec(page)!;
    assert.match(said, /^On \d{4}-\d\d-\d\d, /);
    const rows = said.split('\n').filter((line) => line.startsWith('|'));
    assert.deepEqual(rows.slice(0, 2), head(empty));
    assert.match(rows.at(-1)!, /^\| all \| [1-9]/);
  }
});

test('a number that is none, and an option that is not there, are exit code 2', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], { encoding: 'utf8' });
  assert.equal(run('--count', 'x').status, 2);
  assert.equal(run('--hours', '2').status, 2);
  assert.match(run('--show', '--seed', '7').stdout, /^# seed 7: /);
});

test('programs are chosen by the beginning of their mechanism or client', () => {
  const programs = selected({ seed: 1, count: 5, only: 'batch' });
  assert.deepEqual(new Set(programs.map(({ mechanism }) => mechanism)), new Set(['batch']));
  assert.equal(programs.length, 5);
});

test('what could not be run is no program of the table', () => {
  const run: Run = { program: SLOW, outcome: { kind: 'left out', reason: 'no Ruby' } };
  assert.match(tableOf([run]), /\| semaphore \| 0 \| 0 \| 0 \| 0 \| 0 \|/);
});
