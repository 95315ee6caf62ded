import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Executed } from '../../../src/execute/index.ts';
import { totalProof } from '../../../src/report/run/proof.ts';
import { verdictOf } from '../../diagnose/causes/example.ts';

function executed(activeMs: number, loopBusy: number): Executed {
  const proof = {
    inFlightMean: 5,
    inFlightMax: 9,
    wantedMean: 5,
    overlap: 1,
    activeMs,
    givenUpMs: {},
    loopBusy,
  };
  const counts = { wallMs: activeMs, results: 1, unchanged: 0, abandoned: 0 };
  return { ...counts, proofs: [proof], stopped: false, storeFault: null, notes: [] };
}

test('a request of a moment, whose engine was busy with its start, makes the client no bottleneck', () => {
  assert.equal(totalProof([executed(60, 0.99), executed(4000, 0.2)], verdictOf()).loopBusy, 0.2);
  assert.equal(totalProof([executed(3000, 0.97), executed(4000, 0.2)], verdictOf()).loopBusy, 0.97);
});
