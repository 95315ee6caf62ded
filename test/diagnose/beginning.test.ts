import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noEvidence } from '../../src/diagnose/index.ts';
import type { Block } from '../../src/trace/index.ts';
import { exchange, fromOutside, judged, many, us } from './example.ts';

describe('a run that is slow to begin', () => {
  /** Connections that open side by side while the client computes; all are then in flight together. */
  const opening = (afterMs: number) =>
    many(20, (index) =>
      exchange({ wanted: 0, connected: afterMs + index * 5, read: afterMs + index * 5 + 200 }),
    );

  it('is abreast where all were in flight at once, and as much as an answer takes was lost', () => {
    const verdict = judged(opening(120));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.inFlight.max], ['concurrent', 'none', 20]);
  });

  it('is abreast where nobody saw what was asked, and all were in flight at once', () => {
    const outside = many(20, (index) => fromOutside(exchange({ wanted: index * 9, read: index * 9 + 200 })));
    assert.deepEqual([judged(outside).overlap, judged(outside).inFlight.max], ['concurrent', 20]);
    const inTwos = many(20, (index) =>
      fromOutside(exchange({ wanted: index * 100, read: index * 100 + 200 })),
    );
    assert.equal(judged(inTwos).overlap, 'unknown');
  });

  it('is abreast where all waited alike to be let go, and partly where one did', () => {
    const waiting = (late: (index: number) => boolean) =>
      many(10, (index) => {
        const dispatched = late(index) ? 150 : 0;
        return exchange({ wanted: 0, dispatched, read: dispatched + 200 });
      });
    assert.equal(judged(waiting(() => true)).overlap, 'concurrent');
    assert.deepEqual([judged(waiting((index) => index === 9)).step], ['dispatched']);
  });

  it('is partly where the beginning took longer than that', () => {
    const verdict = judged(opening(400));
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'connected']);
  });

  it('is partly where each wanted is put off by the one before, and all wait for the last', () => {
    const verdict = judged(
      many(20, (index) => exchange({ wanted: index * 100, connected: 2_000, read: 2_200 })),
    );
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'connected']);
  });

  it('is partly where not all were in flight at once', () => {
    const verdict = judged(
      many(20, (index) => exchange({ wanted: 0, connected: index * 15, read: index * 15 + 200 })),
    );
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'connected']);
  });
});

describe('a connection that opens while its thread waits for another one', () => {
  const thread = { pid: 1, thread: 1 };
  /** Each handshake goes on when the exchange before it is read. */
  const exchanges = many(10, (index) =>
    exchange(
      { wanted: 0, connected: index * 100, read: (index + 1) * 100 },
      { ...thread, connection: index + 1 },
    ),
  );
  const waits = (descriptors: number): Block[] =>
    many(10, (index) => ({
      kind: 'block',
      ...thread,
      fromUs: us(index * 100),
      toUs: us((index + 1) * 100),
      wait: { kind: 'poll', call: 'poll', descriptors, connections: [index + 1] },
    }));
  const judgedWith = (block: Block[]) => judged(exchanges, { evidence: { ...noEvidence(), block } });

  it('is a blocked thread: the step is sent', () => {
    const verdict = judgedWith(waits(1));
    assert.deepEqual([verdict.overlap, verdict.step], ['serial', 'sent']);
    assert.deepEqual(verdict.funnel, { wanted: 5.5, dispatched: 5.5, connected: 5.5, sent: 1 });
  });

  it('is a slow connection where the thread could look after all', () => {
    assert.equal(judgedWith(waits(10)).step, 'connected');
    assert.equal(judgedWith([]).step, 'connected');
  });

  it('is a slow connection where the thread waited for that one', () => {
    const own = exchanges.map(
      (one): Block => ({
        kind: 'block',
        ...thread,
        fromUs: 0,
        toUs: one.connectedUs!,
        wait: { kind: 'read', call: 'read', connections: [one.connection!] },
      }),
    );
    const [last] = own.slice(-1);
    assert.equal(
      judged(exchanges.slice(-2), { evidence: { ...noEvidence(), block: [last!] } }).step,
      'connected',
    );
  });
});
