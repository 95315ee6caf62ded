import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { askedOf } from '../../src/lambda/run/event.ts';
import { type Taken, takeLease } from '../../src/lambda/run/lease.ts';
import { openStorage, type Storage } from '../../src/storage/index.ts';
import { temporaryFolder } from '../folder.ts';

const CONTEXT = { awsRequestId: 'r-1', getRemainingTimeInMillis: () => 1000 };
const OVER = { exitCode: 0, rows: 5, failed: 0 };
const LATER = 60_000;
/** Longer ago than clocks may differ. */
const LONG_AGO = -60_000;

test('of many invocations at once one gets the run', async (t) => {
  const storage = await storageOf(t);
  const taken = await Promise.all(Array.from({ length: 10 }, () => take(storage, 1, LATER)));
  assert.deepEqual(taken.map(({ kind }) => kind).sort(), [...Array(9).fill('busy'), 'taken']);
});

test('while a run is held, its own message comes again and an older one is out of date', async (t) => {
  const storage = await storageOf(t);
  await endOf(await take(storage, 1, LATER));
  const held = await take(storage, 2, LATER);
  assert.equal(held.kind === 'taken' && held.lease.turn, 2);
  assert.equal((await take(storage, 2, LATER)).kind, 'busy');
  assert.equal(
    (await take(storage, 3, LATER)).kind,
    'busy',
    'its message was sent before the holder was killed',
  );
  assert.equal((await take(storage, 1, LATER)).kind, 'stale');
});

test('a run whose holder can not be alive any more is taken over by the message that it had', async (t) => {
  const storage = await storageOf(t);
  await take(storage, 1, LONG_AGO);
  const again = await take(storage, 1, LATER);
  assert.equal(again.kind === 'taken' && again.lease.turn, 2);
  assert.equal((await take(storage, 1, LATER)).kind, 'busy', 'a third delivery keeps the message, too');
});

test('whoever comes in the gap between two invocations carries the run on, whatever its turn', async (t) => {
  const storage = await storageOf(t);
  await endOf(await take(storage, 1, LATER));
  // Killed before it had sent the next message: its own comes again.
  const taken = await take(storage, 1, LATER);
  assert.equal(taken.kind === 'taken' && taken.lease.turn, 2);
  assert.equal((await take(storage, 2, LATER)).kind, 'busy', 'the next message, if it was sent after all');
});

test('a run that is over stays over', async (t) => {
  const storage = await storageOf(t);
  const taken = await take(storage, 1, LATER);
  await (taken as Extract<Taken, { kind: 'taken' }>).lease.end(OVER);
  for (const turn of [1, 2, 3])
    assert.deepEqual(await take(storage, turn, LATER), { kind: 'over', result: OVER });
});

test('a run that ended before its tables were made goes on when somebody names it, and by nothing else', async (t) => {
  const storage = await storageOf(t);
  const wrongSql = { exitCode: 2, rows: 3, failed: 0 };
  const taken = await take(storage, 1, LATER);
  await (taken as Extract<Taken, { kind: 'taken' }>).lease.end(wrongSql);
  assert.deepEqual(await take(storage, 1, LATER), { kind: 'over', result: wrongSql });
  const again = await take(storage, 1, LATER, true);
  assert.ok(again.kind === 'taken');
  await again.lease.end(OVER);
  assert.deepEqual(await take(storage, 1, LATER, true), { kind: 'over', result: OVER });
});

test('an event gives the same run each time it is delivered or tried', () => {
  const scheduled = { id: 'd5a1b2c3-0000', time: '2026-11-29T03:15:00Z', detail: {} };
  assert.deepEqual(
    [scheduled, { run: 'mine' }, { any: 'thing' }, null].map((event) => askedOf(event, CONTEXT).run),
    ['2026-11-29T03-15-00Z-d5a1b2c3', 'mine', 'run-r-1', 'run-r-1'],
  );
  const message = (body: string) => ({ Records: [{ eventSource: 'aws:sqs', messageId: 'm-7', body }] });
  assert.deepEqual(askedOf(message('begin'), CONTEXT), {
    run: 'run-m-7',
    turn: 1,
    idle: 0,
    messageId: 'm-7',
    byName: false,
  });
  const token = { abreast: 'lambda', run: 'mine', turn: 4, idle: 1 };
  assert.deepEqual(askedOf(message(JSON.stringify(token)), CONTEXT), {
    run: 'mine',
    turn: 4,
    idle: 1,
    messageId: 'm-7',
    byName: false,
  });
  for (const run of ['../other', 'März', '', 5, null, 'x'.repeat(129)])
    assert.throws(
      () => askedOf({ run }, CONTEXT),
      /names the run .*, and the name of a run is a text of at most 128/,
    );
  assert.throws(() => askedOf({ run: 'a b' }, CONTEXT), /names the run "a b",/);
});

test('of several messages none is dropped: the event fails, and says how to get one at a time', () => {
  const message = (messageId: string) => ({ eventSource: 'aws:sqs', messageId, body: '{"run":"mine"}' });
  assert.throws(
    () => askedOf({ Records: [message('m-1'), message('m-2')] }, CONTEXT),
    /the event has 2 messages.*Set BatchSize to 1/,
  );
});

function take(storage: Storage, turn: number, untilInMs: number, byName = false): Promise<Taken> {
  const asked = { run: 'mine', turn, idle: 0, messageId: null, byName };
  return takeLease(storage, asked, { requestId: 'r', untilMs: Date.now() + untilInMs });
}

async function endOf(taken: Taken): Promise<void> {
  assert.ok(taken.kind === 'taken');
  await taken.lease.end(null);
}

function storageOf(t: TestContext): Promise<Storage> {
  return openStorage(join(temporaryFolder(t), 'storage'));
}
