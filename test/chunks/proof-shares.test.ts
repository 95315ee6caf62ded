import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedProof, ProofShares } from '../../src/chunks/proof-shares.ts';

const proof = (activeMs: number, inFlightMean: number, rate: number) => ({
  inFlightMean,
  inFlightMax: 9,
  wantedMean: inFlightMean * 2,
  overlap: 0.5,
  activeMs,
  givenUpMs: { rate },
  loopBusy: 0.1,
});

test('each share has what the engine did since the one before', () => {
  const shares = new ProofShares();
  const first = shares.next(proof(100, 4, 10)).share;
  assert.deepEqual(
    [first.activeMs, first.inFlightMean, first.wantedMean, first.givenUpMs],
    [100, 4, 8, { rate: 10 }],
  );
  // 100 ms with 4 in flight, then 100 ms with 2: 3 in the mean.
  const second = shares.next(proof(200, 3, 15)).share;
  assert.deepEqual([second.activeMs, second.inFlightMean, second.wantedMean], [100, 2, 4]);
  assert.deepEqual([second.givenUpMs, second.inFlightMax, second.overlap], [{ rate: 5 }, 9, 0.5]);
  const nothing = shares.next(proof(200, 3, 15)).share;
  assert.deepEqual([nothing.activeMs, nothing.inFlightMean, nothing.overlap], [0, 0, 1]);
});

test('the share of a file that was not written goes into the next one', () => {
  const shares = new ProofShares();
  const lost = shares.next(proof(100, 4, 10));
  const between = shares.next(proof(200, 4, 10));
  lost.undo();
  const last = shares.next(proof(300, 4, 20));
  assert.equal(between.share.activeMs, 100);
  assert.equal(last.share.activeMs, 200);
  assert.deepEqual(last.share.givenUpMs, { rate: 20 });
});

test('all shares together are the proof of the engine, whose loop was only busy at its start', () => {
  const shares = new ProofShares();
  const first = shares.next({ ...proof(100, 4, 10), inFlightMax: 4, loopBusy: 0.99 }).share;
  const second = shares.next({ ...proof(200, 3, 15), loopBusy: 0.2 }).share;
  assert.deepEqual(joinedProof([first, second]), { ...proof(200, 3, 15), loopBusy: 0.2 });
});
