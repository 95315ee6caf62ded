import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import type { Unit } from '../../../src/trace/index.ts';
import { interpreters } from './interpreters.ts';
import { all, program, type Watched, watch } from './program.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

for (const { version, path } of interpreters()) {
  test(`Python ${version}: workers on a queue lose no exchange, and each names the item that it is for`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.05`, N: '6' };
    const watched = await watch([path, program('queue_workers')], { env });
    const units = unitsOf(watched);
    assert.equal(all(watched, 'exchange').length, 6, JSON.stringify(all(watched, 'note')));
    for (const { unit } of all(watched, 'exchange')) assert.equal(units.get(unit!)?.type, 'queue-item');
  });

  test(`Python ${version}: a thread started by a thread has it as its parent`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.05` };
    const watched = await watch([path, program('nested')], { env });
    const units = unitsOf(watched);
    const parents = all(watched, 'exchange').map(({ unit }) => units.get(unit!)?.parent);
    assert.equal(parents.length, 3);
    assert.equal(new Set(parents).size, 1);
    assert.equal(units.get(parents[0]!)?.type, 'thread');
    assert.equal(units.get(parents[0]!)?.parent, undefined);
  });

  if (version === '2.7') continue;
  test(`Python ${version}: an item of an executor comes from its task, that from the main one, however long it waited`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.7`, N: '3' };
    const watched = await watch([path, program('tasks_executor')], { env });
    const units = unitsOf(watched);
    const lines = all(watched, 'exchange').map(({ unit }) => familyOf(units.get(unit!), units));
    assert.deepEqual(
      lines.map((line) => line.map(({ type }) => type)),
      Array(3).fill(['executor-item', 'task', 'task']),
    );
    assert.equal(new Set(lines.map((line) => line[1]!.id)).size, 3);
    assert.equal(new Set(lines.map((line) => line[2]!.id)).size, 1);
  });
}

function unitsOf(watched: Watched): Map<number, Unit> {
  const units = all(watched, 'unit');
  assert.equal(new Set(units.map(({ id }) => id)).size, units.length, 'each unit has one record');
  return new Map(units.map((unit) => [unit.id, unit]));
}

function familyOf(unit: Unit | undefined, units: ReadonlyMap<number, Unit>): Unit[] {
  return unit === undefined ? [] : [unit, ...familyOf(units.get(unit.parent ?? -1), units)];
}
