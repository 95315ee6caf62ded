import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunState } from '../../src/lambda/run/state.ts';
import { openStorage } from '../../src/storage/index.ts';
import { lay, temporaryFolder } from '../folder.ts';

test('an invocation that is killed between its rows and its plan leaves a run that the next one can begin', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'storage/r/state/rows.rows.jsonl': '{"id":1}\n' });
  const run = join(folder, 'run');
  const state = new RunState(await openStorage(join(folder, 'storage')), 'r', run);
  assert.equal(await state.restore(), false);
  assert.ok(!existsSync(join(run, 'rows.rows.jsonl')), 'a folder of a new run is empty');

  lay(run, { 'plan.json': '{"rows":{"rows":{}}}', 'rows.rows.jsonl': '{"id":2}\n' });
  await state.save();
  assert.equal(readFileSync(join(folder, 'storage/r/state/rows.rows.jsonl'), 'utf8'), '{"id":2}\n');
});

test('rows that the plan does not name are planned and kept again; those that it names are written once', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, {
    'storage/r/state/plan.json': '{"rows":{"rows":{}}}',
    'storage/r/state/rows.rows.jsonl': 'planned\n',
    'storage/r/state/second.rows.jsonl': 'of a killed invocation\n',
  });
  const run = join(folder, 'run');
  const state = new RunState(await openStorage(join(folder, 'storage')), 'r', run);
  assert.equal(await state.restore(), true);
  assert.ok(!existsSync(join(run, 'second.rows.jsonl')));
  lay(run, { 'rows.rows.jsonl': 'changed\n', 'second.rows.jsonl': 'planned\n' });
  await state.save();
  for (const file of ['rows', 'second'])
    assert.equal(readFileSync(join(folder, `storage/r/state/${file}.rows.jsonl`), 'utf8'), 'planned\n');
});
