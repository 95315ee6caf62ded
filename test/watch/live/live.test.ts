import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Exchange, TraceRecord } from '../../../src/trace/index.ts';
import { Live } from '../../../src/watch/index.ts';

const STARTED_US = 1_790_000_000_000_000;

/** A program of process 7 whose probe began 1 s after the run. */
function watched(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-live-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const live = new Live();
  live.begin(folder, STARTED_US);
  const file = join(folder, '7.jsonl');
  const write = (...records: readonly object[]) =>
    appendFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return { live, file, write };
}

const RUN = { kind: 'run', version: 2, startedUs: STARTED_US + 1_000_000, command: [], recorders: [] };

function exchange(id: number, given: Partial<Exchange> = {}): Exchange {
  return { kind: 'exchange', id, origin: 'https://example.com', pid: 7, wantedUs: 0, sentUs: 10, ...given };
}

const ended = { readUs: 500, status: 200, error: null } as const;

describe('a program while it runs', () => {
  it('has done what its probe has written, in the time of the run', (t) => {
    const { live, write } = watched(t);
    write(RUN, exchange(1, ended), exchange(2, { readUs: null, failedUs: 9, error: 'timeout' }));
    const { done, failed, exchanges } = live.figures(10);
    assert.deepEqual([done, failed], [1, 1]);
    assert.deepEqual([exchanges[0]!.sentUs, exchanges[0]!.readUs], [1_000_010, 1_000_500]);
    assert.equal(live.figures(10).done, 1, 'each counts once');
  });

  it('has in flight what its probe says is under way, until the probe says how that ended', (t) => {
    const { live, file, write } = watched(t);
    write(RUN, exchange(1, ended));
    const { size } = { size: JSON.stringify(RUN).length + JSON.stringify(exchange(1, ended)).length + 2 };
    write(exchange(2, { readUs: null, failedUs: 40 }), exchange(3, { readUs: null, failedUs: 40 }));
    assert.deepEqual([live.figures(10).inFlight, live.figures(10).done], [2, 1]);
    assert.equal(live.figures(10).exchanges[1]!.failedUs, undefined, 'its bar has no end');
    truncateSync(file, size);
    write(exchange(3, ended), exchange(2, { readUs: null, failedUs: 80 }));
    const { done, inFlight, mostInFlight } = live.figures(10);
    assert.deepEqual([done, inFlight, mostInFlight], [2, 1, 2]);
  });

  it('has in flight what system calls have sent, and done what they have seen to end', (t) => {
    const { live } = watched(t);
    const sent = (connection: number, ordinal: number) =>
      live.sent(exchange(0, { pid: 9, connection, ordinal }));
    sent(1, 0);
    sent(2, 0);
    live.record(exchange(1, { pid: 9, connection: 1, ordinal: 0, ...ended }));
    assert.deepEqual([live.figures(10).done, live.figures(10).inFlight], [1, 1]);
    sent(3, 0);
    live.forgotten(3);
    live.record({ kind: 'connectionClosed', id: 2, atUs: 5 });
    const { inFlight, mostInFlight } = live.figures(10);
    assert.deepEqual([inFlight, mostInFlight], [0, 2]);
  });

  it('counts a request once that its probe and its system calls have seen', (t) => {
    const { live, write } = watched(t);
    live.record(exchange(1, { connection: 1, ordinal: 0, ...ended }));
    live.record(exchange(2, { pid: 8, connection: 2, ordinal: 0, ...ended }));
    write(RUN, exchange(1, { url: 'https://example.com/a', ...ended }));
    const { done, exchanges } = live.figures(10);
    assert.equal(done, 2);
    assert.deepEqual(
      exchanges.map(({ url }) => url),
      [undefined, 'https://example.com/a'],
    );
  });

  it('shows the last that began, and takes no harm from half a line', (t) => {
    const { live, file, write } = watched(t);
    write(RUN, ...Array.from({ length: 30 }, (_, id) => exchange(id, { wantedUs: 100 - id, ...ended })));
    appendFileSync(file, '{"kind":"exch');
    const { done, exchanges } = live.figures(3);
    assert.equal(done, 30);
    assert.deepEqual(
      exchanges.map(({ id }) => id),
      [2, 1, 0],
    );
  });

  it('that has written nothing has done nothing', (t) => {
    const { live, file } = watched(t);
    writeFileSync(file, '');
    const record: TraceRecord = { kind: 'note', atUs: 1, text: 'x' };
    live.record(record);
    const { done, failed, inFlight, exchanges } = live.figures(10);
    assert.deepEqual([done, failed, inFlight, exchanges], [0, 0, 0, []]);
  });
});
