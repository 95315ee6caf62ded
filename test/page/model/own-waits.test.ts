import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ownWaitFinder } from '../../../src/page/model/own-waits.ts';
import { timeColumns } from '../../../src/page/model/times.ts';
import { recorded } from './sources.ts';

describe('what the unit of an exchange waited for', () => {
  it('is told with the kind of the wait and the stack', async () => {
    const source = await recorded(join('cases', 'py-threads-semaphore.slow.jsonl.zst'));
    const times = timeColumns(source.exchange, source.endedUs);
    const waitIn = ownWaitFinder(source, times);
    const waits = source.exchange.flatMap((_, at) =>
      times.dispatched[at]! - times.wanted[at]! > 50_000
        ? [waitIn(at, times.wanted[at]!, times.dispatched[at]!)]
        : [],
    );
    assert.ok(waits.length > 5);
    for (const wait of waits) {
      assert.equal(wait?.kind, 'semaphore');
      assert.ok(wait.frames.length > 0);
    }
  });

  it('is nothing where no recorder saw a unit wait', async () => {
    const source = await recorded('get-20-at-once.jsonl');
    const times = timeColumns(source.exchange, source.endedUs);
    assert.equal(ownWaitFinder(source, times)(0, 0, source.endedUs), null);
  });
});
