import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type OwnRecord, RunRecorder } from '../../src/record/index.ts';
import { temporaryFolder } from '../folder.ts';

const recorder = { name: 'abreast test', version: '0' };

/** One GET after the other, of 1 s each. */
const inSeries = [0, 1, 2, 3].map(
  (at): OwnRecord => ({
    kind: 'exchange',
    id: at,
    request: at,
    attempt: 1,
    because: 'first',
    connection: 0,
    ordinal: at,
    method: 'GET',
    origin: 'http://a.test',
    url: `http://a.test/${at}?token=hunter2`,
    wantedUs: 0,
    calledUs: 0,
    dispatchedUs: at * 1e6,
    connectedUs: at * 1e6,
    sentUs: at * 1e6,
    answeredUs: (at + 1) * 1e6,
    readUs: (at + 1) * 1e6,
    status: 200,
    error: null,
  }),
);

test('a run is judged with a trace and without one, and the trace says what was typed, without secrets', async (t) => {
  const tracePath = join(temporaryFolder(t), 't.jsonl');
  const command = ['abreast', 'get', 'http://a.test/?token=hunter2'];
  const judged = [];
  for (const path of [undefined, tracePath]) {
    const own = new RunRecorder({
      recorder,
      command,
      wanted: 4,
      expect: 4,
      ...(path && { tracePath: path }),
    });
    await own.open(1e15);
    for (const record of inSeries) await own.take(record);
    judged.push(await own.close(4e6));
    assert.equal(await own.close(), judged.at(-1), 'it is judged once');
  }
  for (const { verdict, expectation, traceFault } of judged) {
    assert.equal(verdict.overlap, 'serial');
    assert.equal(expectation!.met, false);
    assert.equal(traceFault, null);
  }
  assert.deepEqual(
    judged.map(({ verdict }) => verdict.trace),
    [null, tracePath],
  );
  const text = readFileSync(tracePath, 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([lines[0].startedUs, lines[0].wanted, lines.at(-1).endedUs], [1e15, 4, 4e6]);
  assert.equal(lines.length, 6);
  assert.ok(!text.includes('hunter2'));
});
