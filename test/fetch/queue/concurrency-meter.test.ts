import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connections } from '../../../src/fetch/connections.ts';
import {
  ConcurrencyMeter,
  PER_ORIGIN,
  RATE,
  REASONS,
  type Reason,
} from '../../../src/fetch/queue/concurrency-meter.ts';
import { freePort } from '../../servers/index.ts';
import { fetchAll, testServer, times } from '../servers.ts';

/** A meter at work: what is available, in slots and in flight, step by step. Times in milliseconds. */
function meter(
  slots: number,
  steps: readonly (readonly [ms: number, change: Partial<ConcurrencyMeter>])[],
): ConcurrencyMeter {
  const made = new ConcurrencyMeter(slots, 0);
  let now = 0;
  for (const [ms, change] of steps) {
    Object.assign(made, change);
    now += ms;
    made.advance(now);
  }
  return made;
}

test('in flight is measured over the time in which anything was wanted', () => {
  const { inFlightMean, wantedMean, overlap, givenUpMs } = meter(4, [
    [10, { available: 0 }],
    [10, { available: 10, busy: 4, inFlight: 2 }],
    [10, { inFlight: 4 }],
    [30, { available: 0, busy: 0, inFlight: 0 }],
  ]).proof(0);
  assert.deepEqual([inFlightMean, wantedMean, overlap, givenUpMs], [3, 4, 0.75, {}]);
});

test('what the input could not give is not wanted', () => {
  const proof = meter(10, [[100, { available: 3, busy: 3, inFlight: 3 }]]).proof(0);
  assert.deepEqual([proof.wantedMean, proof.overlap], [3, 1]);
});

test('a free slot while input remains counts against the engine', () => {
  const proof = meter(10, [[100, { available: 50, busy: 5, inFlight: 5 }]]).proof(0);
  assert.deepEqual([proof.wantedMean, proof.overlap, proof.givenUpMs], [10, 0.5, {}]);
});

test('a slow input is told beside it', () => {
  const proof = meter(10, [[100, { available: 4, busy: 4, inFlight: 4, inputWaits: true }]]).proof(0);
  assert.deepEqual([proof.overlap, proof.givenUpMs], [1, { 'slow input': 600 }]);
});

for (const [reason, name] of REASONS.entries())
  test(`slots that only ${name} keeps free are charged to it, and don't count`, () => {
    const made = meter(10, []);
    made.available = 20;
    made.busy = made.inFlight = 4;
    if (reason === RATE) made.rateHolds = true;
    else made.blocked[reason as Reason] = 16;
    made.advance(100);
    const proof = made.proof(0);
    assert.deepEqual([proof.wantedMean, proof.overlap, proof.givenUpMs], [4, 1, { [name]: 600 }]);
  });

test('a slot that a limit and nothing else keeps free is told from one that could have been used', () => {
  const made = meter(10, []);
  made.available = 12;
  made.busy = made.inFlight = 2;
  made.blocked[PER_ORIGIN] = 7;
  made.advance(100);
  // Eight are free; three of those who wait could go: five are given up, three count.
  const proof = made.proof(0);
  assert.deepEqual([proof.wantedMean, proof.overlap, proof.givenUpMs], [5, 0.4, { 'per-origin': 500 }]);
});

test('a run with nothing to do overlaps as much as it could', () => {
  const proof = new ConcurrencyMeter(10, 0).proof(0);
  assert.deepEqual([proof.inFlightMean, proof.wantedMean, proof.overlap], [0, 0, 1]);
});

test('a 50 ms sleep before each dispatch makes the overlap fall', async (t) => {
  const server = await testServer(t);
  const run = async () =>
    (
      await fetchAll(
        times(40, () => `${server.httpUrl}/delay/0.1`),
        { concurrency: 20 },
      )
    ).summary.proof.overlap;
  const good = await run();
  const dispatch = Connections.prototype.dispatch;
  let last = Promise.resolve();
  // The slot is taken, its request goes out one after the other: no limit excuses that.
  Connections.prototype.dispatch = function slowly(this: Connections, job, _now) {
    last = last.then(async () => {
      await sleep(50);
      dispatch.call(this, job, performance.now());
    });
  };
  t.after(() => {
    Connections.prototype.dispatch = dispatch;
  });
  const slow = await run();
  assert.ok(slow < 0.75 * good, `overlap ${slow} with the sleep, ${good} without`);
});

test('in flight, as the run counts it, is what the server counts', async (t) => {
  const server = await testServer(t);
  const { summary } = await fetchAll(
    times(300, () => `${server.httpUrl}/delay/0.1`),
    { concurrency: 30 },
  );
  const { mean, max } = server.stats().inFlight;
  assert.equal(summary.proof.inFlightMax, max);
  const ratio = summary.proof.inFlightMean / mean!;
  assert.ok(ratio > 0.75 && ratio < 1.33, `${summary.proof.inFlightMean} here, ${mean} there`);
  assert.ok(summary.proof.overlap > 0.7);
});

test('an event loop kept busy by the caller shows in loopBusy', async (t) => {
  const server = await testServer(t);
  const run = async (busyMs: number) => {
    const urls = times(40, () => `${server.httpUrl}/delay/0.05`);
    const onResponse = () => {
      for (const until = performance.now() + busyMs; performance.now() < until; );
    };
    return (await fetchAll(urls, { concurrency: 10, onResponse })).summary.proof.loopBusy;
  };
  const [busy, idle] = [await run(30), await run(0)];
  assert.ok(busy > 0.7, `${busy}`);
  assert.ok(idle < 0.8 * busy, `${idle} idle, ${busy} busy`);
});

test('a slow input, a back-off and an origin in doubt are given up for their reasons', async (t) => {
  const server = await testServer(t);
  async function* slowly() {
    for (let i = 0; i < 5; i++) {
      await sleep(30);
      yield `${server.httpUrl}/get`;
    }
  }
  assert.ok((await fetchAll(slowly())).summary.proof.givenUpMs['slow input']! > 1000);
  const { proof } = (await fetchAll([`${server.httpUrl}/fault/503?times=1&retry-after=1`], { adapt: false }))
    .summary;
  assert.ok(proof.givenUpMs['back-off']! > 900);
  const dead = `http://127.0.0.1:${await freePort()}`;
  const doubt = (
    await fetchAll(
      times(50, () => dead),
      { concurrency: 10 },
    )
  ).summary.proof;
  assert.ok(doubt.givenUpMs.adapting! > 1000);
});
