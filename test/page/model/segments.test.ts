import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { judgeTrace, timesOf } from '../../../src/diagnose/index.ts';
import { gapsOf } from '../../../src/page/model/gaps.ts';
import { holderAt, holderFinder } from '../../../src/page/model/holder.ts';
import { pathLines } from '../../../src/page/model/path.ts';
import { SEGMENT_KINDS, segmentsAt, segmentsOf, waitedFor } from '../../../src/page/model/segments.ts';
import { timeColumns } from '../../../src/page/model/times.ts';
import { type Exchange, noEvidenceWith, recorded, traceFile } from './sources.ts';

const CASES = 'cases';
const names = readdirSync(traceFile(CASES)).filter((name) => name.endsWith('.zst'));

describe('the segments of an exchange', () => {
  it('follow one another from when it was wanted to its end, in every trace', async () => {
    for (const name of names) {
      const source = await recorded(join(CASES, name));
      const times = timeColumns(source.exchange, source.endedUs);
      const segments = segmentsOf(source, times);
      for (const [at, exchange] of source.exchange.entries()) {
        const own = segmentsAt(segments, at);
        const passed = timesOf(exchange);
        let until = passed?.wanted;
        if (passed === undefined) assert.deepEqual(own, []);
        for (const { fromUs, toUs } of own) {
          assert.equal(fromUs, until, `${name}, exchange ${exchange.id}`);
          assert.ok(toUs > fromUs, `${name}, exchange ${exchange.id}`);
          until = toUs;
        }
        if (own.length > 0) assert.equal(until, times.end[at]);
      }
    }
  });

  it('say for how long it was blocked, as the verdict does', async () => {
    for (const name of ['py27-grequests-pyopenssl.slow', 'py-async-blocking-requests.slow']) {
      const file = join(CASES, `${name}.jsonl.zst`);
      const source = await recorded(file);
      const times = timeColumns(source.exchange, source.endedUs);
      const segments = segmentsOf(source, times);
      const { verdict } = await judgeTrace(traceFile(file));
      const blocked = SEGMENT_KINDS.indexOf('blocked');
      const blockedUs = source.exchange.reduce((sum, _, at) => sum + waitedFor(segments, at)[blocked]!, 0);
      const level = blockedUs / (times.toUs - times.fromUs);
      const judged = verdict.funnel.connected! - verdict.funnel.sent;
      assert.ok(Math.abs(level - judged) < 0.1 * judged, `${name}: ${level}, in the verdict ${judged}`);
    }
  });

  it('show the name, the connection and the handshake of the first exchange of a connection alone', async () => {
    const source = await recorded('get-20-at-once.jsonl');
    const segments = segmentsOf(source, timeColumns(source.exchange, source.endedUs));
    const kinds = source.exchange.map((_, at) => segmentsAt(segments, at).map(({ kind }) => kind));
    assert.ok(kinds.every((own) => own.includes('handshake') && own.includes('answer')));
    const later = await recorded('get-two-of-eight.jsonl');
    const others = segmentsOf(later, timeColumns(later.exchange, later.endedUs));
    const withHandshake = later.exchange.filter((_, at) =>
      segmentsAt(others, at).some(({ kind }) => kind === 'handshake'),
    );
    assert.equal(withHandshake.length, 2);
  });

  it('are blocked while its connection opens if its thread waits for another connection, not for its own', () => {
    const exchange: Exchange = {
      kind: 'exchange',
      id: 1,
      pid: 1,
      thread: 1,
      connection: 1,
      origin: 'http://a.test',
      wantedUs: 0,
      dispatchedUs: 0,
      connectedUs: 100_000,
      sentUs: 100_000,
      answeredUs: 200_000,
      readUs: 200_000,
    };
    const kindsWhilePolling = (connection: number) => {
      const wait = { kind: 'poll', call: 'poll', connections: [connection], descriptors: 1 } as const;
      const block = { kind: 'block', pid: 1, thread: 1, fromUs: 0, toUs: 100_000, wait } as const;
      const source = { ...noEvidenceWith([exchange]), block: [block] };
      const segments = segmentsOf(source, timeColumns([exchange], 200_000));
      return segmentsAt(segments, 0).map(({ kind }) => kind);
    };
    assert.deepEqual(kindsWhilePolling(1), ['connect', 'answer']);
    assert.deepEqual(kindsWhilePolling(2), ['blocked', 'answer']);
  });
});

describe('who held the thread', () => {
  it('is told with the exchange, the stack, the class of the socket and the module that put it there', async () => {
    const source = await recorded(join(CASES, 'py27-grequests-pyopenssl.slow.jsonl.zst'));
    const times = timeColumns(source.exchange, source.endedUs);
    const segments = segmentsOf(source, times);
    const last = times.sent.indexOf(Math.max(...times.sent));
    const longest = segmentsAt(segments, last)
      .filter(({ kind }) => kind === 'blocked')
      .reduce((most, one) => (one.toUs - one.fromUs > most.toUs - most.fromUs ? one : most));
    const holders = holderFinder(source, times)(last, longest.fromUs, longest.toUs);
    assert.ok(holders.length >= 15, `${holders.length} waits of the other exchanges`);
    const middleUs = (longest.fromUs + longest.toUs) / 2;
    const holder = holderAt(holders, middleUs)!;
    assert.notEqual(holder.exchange, last);
    assert.ok(times.sent[holder.exchange!]! <= middleUs && times.end[holder.exchange!]! >= middleUs);
    assert.equal(holder.socketClass, 'requests.packages.urllib3.contrib.pyopenssl.WrappedSocket');
    assert.equal(holder.owner?.module, 'pyOpenSSL');
    assert.equal(holder.owner?.version, '19.1.0');
    assert.equal(holder.frames[0]?.function, 'recv');
    assert.equal(holder.left?.by, 'gevent');
  });

  it('is nobody where no recorder saw the thread', async () => {
    const source = await recorded('get-20-at-once.jsonl');
    const times = timeColumns(source.exchange, source.endedUs);
    assert.deepEqual(holderFinder(source, times)(0, 0, source.endedUs), []);
  });
});

function exchange(id: number, wantedUs: number, sentUs: number, readUs: number): Exchange {
  return { kind: 'exchange', id, origin: 'http://a.test', wantedUs, calledUs: wantedUs, sentUs, readUs };
}

describe('the critical path', () => {
  it('goes over each exchange that held the thread of the next one while that was connecting', async () => {
    const source = await recorded(join(CASES, 'py27-grequests-pyopenssl.slow.jsonl.zst'));
    const segments = segmentsOf(source, timeColumns(source.exchange, source.endedUs));
    const lines = pathLines(source.exchange, segments, source.endedUs);
    assert.ok(new Set(lines.map(({ at }) => at)).size > 0.8 * source.exchange.length);
    for (const { at, exchange: id } of lines) assert.equal(source.exchange[at]!.id, id);
  });
});

describe('gaps', () => {
  it('are where nothing is wanted between two requests, if they are long enough to be folded', () => {
    const exchanges = [
      exchange(1, 100, 100, 1_100),
      exchange(2, 500, 500, 2_100),
      exchange(3, 9_000, 9_000, 10_000),
    ];
    assert.deepEqual(gapsOf(timeColumns(exchanges, 20_000)), [{ fromUs: 2_100, toUs: 9_000 }]);
    assert.deepEqual(gapsOf(timeColumns([...exchanges, exchange(4, 2_110, 2_110, 9_000)], 20_000)), []);
    assert.deepEqual(gapsOf(timeColumns([], 20_000)), []);
  });
});

describe('the times of an exchange', () => {
  it('that nobody saw the end of go on to the end of the run', () => {
    const open: Exchange = {
      kind: 'exchange',
      id: 1,
      origin: 'http://a.test',
      wantedUs: 0,
      sentUs: 5,
      answeredUs: null,
    };
    const source = noEvidenceWith([open]);
    const times = timeColumns(source.exchange, 1_000);
    assert.equal(times.isOpen[0], 1);
    assert.deepEqual(segmentsAt(segmentsOf(source, times), 0).at(-1), {
      kind: 'answer',
      fromUs: 5,
      toUs: 1_000,
    });
  });
});
