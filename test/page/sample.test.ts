import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectionOf } from '../../src/page/file/sample.ts';
import type { TraceRecord } from '../../src/trace/index.ts';

const EXCHANGES = 3_000;

/** Three exchanges a request, each on a connection and in a unit of its own. */
function records(): TraceRecord[] {
  return Array.from({ length: EXCHANGES }, (_, id) => id).flatMap((id): TraceRecord[] => [
    { kind: 'unit', id, pid: 1, type: 'task' },
    { kind: 'connection', id, origin: 'https://example.com' },
    {
      kind: 'exchange',
      id,
      request: Math.floor(id / 3),
      attempt: (id % 3) + 1,
      unit: id,
      connection: id,
      origin: id % 2 === 0 ? 'https://even.example' : 'https://odd.example',
    },
    { kind: 'connectionClosed', id, atUs: 1 },
  ]);
}

const run = { kind: 'run', version: 2, startedUs: 0, command: [], recorders: [] } as const;

async function opened() {
  return Object.assign(
    (async function* () {
      yield records();
    })(),
    { run },
  );
}

const kept = (records: readonly TraceRecord[], kind: TraceRecord['kind']) =>
  records.filter((record) => record.kind === kind).map((record) => (record as { id: number }).id);

test('a run that fits is in the page as a whole', async () => {
  const { sample, takes } = await selectionOf({ open: opened }, EXCHANGES);
  assert.equal(sample, null);
  assert.ok(records().every(takes));
});

test('of a larger run, whole requests are in the page with what belongs to them, at most as many as it may have', async () => {
  const { sample, takes } = await selectionOf({ open: opened }, 1_000);
  const taken = records().filter(takes);
  const exchanges = kept(taken, 'exchange');
  assert.deepEqual(sample, { shown: exchanges.length, of: EXCHANGES });
  assert.ok(exchanges.length > 500 && exchanges.length <= 1_000, String(exchanges.length));
  for (const kind of ['unit', 'connection', 'connectionClosed'] as const)
    assert.deepEqual(kept(taken, kind), exchanges);
  const requests = new Map<number, number>();
  for (const id of exchanges) requests.set(Math.floor(id / 3), (requests.get(Math.floor(id / 3)) ?? 0) + 1);
  assert.ok([...requests.values()].every((attempts) => attempts === 3));
});

test('a part of a run is the same part each time, and of all of its time', async () => {
  const taken = async () =>
    kept(records().filter((await selectionOf({ open: opened }, 300)).takes), 'exchange');
  const once = await taken();
  assert.deepEqual(await taken(), once);
  for (const from of [0, 1_000, 2_000])
    assert.ok(once.filter((id) => id >= from && id < from + 1_000).length > 20, `from ${from}`);
});

test('exchanges of origins that were not judged do not count, and are not in the page', async () => {
  const counts = (origin: string) => origin === 'https://even.example';
  const { sample, takes } = await selectionOf({ open: opened, counts }, EXCHANGES / 2);
  assert.equal(sample, null);
  assert.ok(kept(records().filter(takes), 'exchange').every((id) => id % 2 === 0));
});
