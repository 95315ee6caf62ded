import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../folder.ts';
import { NO_POSTGRES, NO_REDIS } from '../servers/index.ts';
import { type Measured, measureQueued, measureSharded } from './load.ts';
import { readOptions, type ScaleOptions } from './options.ts';

const optionsFor = (queue: string) =>
  readOptions([
    ...['--queue', queue, '--count', '3000', '--workers', '2', '--sites', '2', '--per-origin', '40'],
  ]) as ScaleOptions;

describe('each row has one result, and no origin has more in flight than it may', {
  concurrency: true,
}, () => {
  for (const [queue, skip] of [
    ['redis', NO_REDIS],
    ['postgres', NO_POSTGRES],
  ] as const)
    test(`with a queue on ${queue}`, { skip }, async (t) => {
      isGood(await measureQueued(optionsFor(queue), temporaryFolder(t)));
    });

  test('on shards', async (t) => {
    const sharded = await measureSharded(optionsFor('redis'), temporaryFolder(t));
    isGood(sharded);
    assert.ok(sharded.chunkFiles >= 6, `${sharded.chunkFiles}`); // of at most 500 rows
  });
});

function isGood({ counts, requests, mostInFlight, programs }: Measured): void {
  assert.deepEqual(counts, { results: 3000, rows: 3000, failed: 0 });
  assert.equal(requests, 3000);
  assert.ok(mostInFlight <= 40, `${mostInFlight}`);
  for (const { name, peakMb, cpuSeconds } of programs) {
    assert.ok(peakMb < 400, `${name}: ${peakMb} MB`);
    assert.ok(cpuSeconds >= 0, name);
  }
}
