import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collect, noEvidence } from '../../../src/diagnose/index.ts';
import { settleWanted } from '../../../src/diagnose/model/index.ts';
import type { Unit } from '../../../src/trace/index.ts';
import { block, request } from '../causes/example.ts';
import { many, us } from '../example.ts';

const TASKS = 6;

/** When the second request of each task is wanted: all had an answer at 100 ms, and the loop's thread reads one after the other. */
function secondWantedUs(descriptors: number): number[] {
  const evidence = noEvidence();
  const units: Unit[] = many(TASKS, (index) => ({ kind: 'unit', id: 1 + index, pid: 7, type: 'task' }));
  const firsts = many(TASKS, (index) =>
    request(1 + index, { wanted: 0, read: 100 }, { unit: 1 + index, connection: 1 + index }),
  );
  const seconds = many(TASKS, (index) =>
    request(
      11 + index,
      { wanted: 100 * (index + 1), read: 100 * (index + 2) - 1 },
      { unit: 1 + index, connection: 11 + index },
    ),
  );
  const reads = many(TASKS, (index) =>
    block('read', 100 * (index + 1), 100 * (index + 2) - 1, {
      wait: { kind: 'read', call: 'read', connections: [11 + index], descriptors },
    }),
  );
  for (const record of [...units, ...firsts, ...seconds, ...reads]) collect(evidence, record);
  settleWanted(evidence);
  return evidence.exchange.filter(({ id }) => id > 10).map(({ wantedUs }) => wantedUs!);
}

test('a task that is ready while its loop waits for the connection of another wants its request all the while', () => {
  for (const [index, wantedUs] of secondWantedUs(1).entries())
    assert.ok(Math.abs(wantedUs - us(100 + index)) <= us(1), `${index}: ${wantedUs}`);
});

test('a task whose loop waits for many connections at once wants its request when it calls', () => {
  assert.deepEqual(
    secondWantedUs(6),
    many(TASKS, (index) => us(100 * (index + 1))),
  );
});
