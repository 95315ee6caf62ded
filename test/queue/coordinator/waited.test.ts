import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Moment, Waiting } from '../../../src/queue/coordinator/waited.ts';
import type { Member } from '../../../src/queue/ledger/ledger.ts';

const NOW_US = 1e9;
const MEMBER: Member = {
  id: 'a',
  host: 'h',
  pid: 1,
  version: '0',
  seenUs: NOW_US,
  inFlight: 10,
  done: 0,
  chunks: 2,
  pending: 200,
  finished: [],
  wants: 20,
  holds: { concurrency: 20 },
  cannot: null,
  clock: null,
};
const MOMENT: Moment = {
  nowUs: NOW_US,
  members: [MEMBER],
  whole: 20,
  rowsLeft: 1000,
  rowsToPlan: 0,
  chunksToBring: 0,
  chunkRows: 100,
};
const IDLE: Partial<Member> = { chunks: 0, pending: 0, wants: 0, holds: {}, inFlight: 0 };

/** After one second like this. */
function waited(moment: Partial<Moment>) {
  const waiting = new Waiting(1000);
  waiting.add({ ...MOMENT, ...moment }, 1000);
  return waiting.waited();
}

test('what an engine has is its own to count', () => {
  assert.deepEqual(waited({}), { idleMs: 0, givenUpMs: {} });
  const last = { ...MEMBER, chunks: 1, pending: 5 };
  assert.deepEqual(
    waited({ members: [last], rowsLeft: 100 }),
    { idleMs: 0, givenUpMs: {} },
    'the last five rows',
  );
  const brought = { ...MEMBER, ...IDLE };
  assert.deepEqual(
    waited({ members: [brought], rowsLeft: 100, chunksToBring: 1 }).givenUpMs,
    {},
    'all are fetched',
  );
});

test('rows that wait are wanted up to the limit of the run, and named by what they wait for', () => {
  assert.deepEqual(waited({ members: [] }), { idleMs: 1000, givenUpMs: { 'no worker': 20_000 } });
  const unable = { ...MEMBER, ...IDLE, cannot: 'no variable' };
  assert.deepEqual(waited({ members: [unable] }).givenUpMs, { 'no worker': 20_000 });
  const idle = { ...MEMBER, ...IDLE };
  assert.deepEqual(waited({ members: [idle], rowsLeft: 5 }), {
    idleMs: 1000,
    givenUpMs: { 'lost worker': 5000 },
  });
  const last = { ...MEMBER, chunks: 1, pending: 50, holds: { concurrency: 8 } };
  assert.deepEqual(
    waited({ members: [last, idle], rowsLeft: 100 }).givenUpMs,
    { sharing: 12_000 },
    'nobody is gone: the last chunk has not got the share of the worker that is done',
  );
  const silent = { ...MEMBER, id: 'b', seenUs: NOW_US - 10e6 };
  assert.deepEqual(waited({ members: [{ ...MEMBER, holds: { concurrency: 15 } }, silent] }), {
    idleMs: 0,
    givenUpMs: { 'lost worker': 5000 },
  });
  assert.deepEqual(waited({ members: [idle], rowsToPlan: 500 }).givenUpMs, { planning: 20_000 });
  assert.deepEqual(waited({ members: [{ ...MEMBER, holds: { concurrency: 8 } }] }).givenUpMs, {
    sharing: 12_000,
  });
});
