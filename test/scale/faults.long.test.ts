import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../folder.ts';
import { SKIPPED } from './faults/faults.ts';
import { KINDS, type Kind } from './faults/kind.ts';
import { type Conditions, runTrial } from './faults/trial.ts';

const CONDITIONS: Conditions = {
  queue: 'redis',
  rows: 3000,
  workers: 2,
  inFlight: 60,
  delayMs: 200,
  cutSeconds: 20,
  env: {},
};
/** A cut comes in the middle of a run. */
const ROWS: Partial<Record<Kind, number>> = { network: 8000 };

describe('with the real locks nothing is lost and nothing is twice in the tables', {
  concurrency: true,
}, () => {
  KINDS.forEach((kind, number) => {
    test(`when this fails in the middle: ${kind}`, { skip: SKIPPED[kind] }, async (t) => {
      const conditions = { ...CONDITIONS, rows: ROWS[kind] ?? CONDITIONS.rows };
      const trial = await runTrial(kind, number, temporaryFolder(t), conditions);
      assert.deepEqual(trial.wrong, []);
      assert.ok((trial.handedOnSeconds ?? 0) <= 45, `${trial.handedOnSeconds}`);
    });
  });
});
