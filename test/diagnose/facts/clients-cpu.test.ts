import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, collect, finish, noEvidence, start } from '../../../src/diagnose/index.ts';
import type { TraceRecord } from '../../../src/trace/index.ts';
import { block, environment, queued, request, SITE, stack, verdictOf } from '../causes/example.ts';
import { many, us } from '../example.ts';

/** 20 wanted together, whose connections open one after another while the client computes; 1.2 s, could be 0.2 s. */
const slow = many(20, (index) =>
  request(index + 1, { wanted: 0, dispatched: 1, connected: 50 * index, read: 50 * index + 200 }),
);
const client = stack(1, `${SITE}/httpcore/_async/http11.py:90 send`, '/app/report.py:3 get');
const own = stack(2, '/usr/lib/python3.12/hashlib.py:9 update', '/app/report.py:3 sign');

describe('time that was lost to what the requests cost the client', () => {
  it('leaves nothing to overlap where most of it was seen to be computed for them', () => {
    const verdict = verdictOf(slow, client, block('cpu', 0, 900, { stack: 1 }));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['concurrent', 'none', []]);
    assert.ok(verdict.facts.some((fact) => fact.startsWith('The CPU of the client is the limit')));
    assert.deepEqual(
      verdict.groups.map(({ overlap }) => overlap),
      ['concurrent'],
    );
  });

  it('is not told from a little of it', () => {
    assert.equal(verdictOf(slow, client, block('cpu', 0, 300, { stack: 1 })).overlap, 'partly');
  });

  it("is not what the program's own work takes", () => {
    const verdict = verdictOf(slow, own, block('cpu', 0, 900, { stack: 2 }));
    assert.deepEqual([verdict.overlap, verdict.causes[0]?.id], ['partly', 'loop-computes']);
  });

  it('is not told where no more were in flight than a limit allows', () => {
    const pool = environment([{ kind: 'connections', size: 4, of: 'undici Agent connections' }]);
    const verdict = verdictOf(slow, client, block('cpu', 0, 900, { stack: 1 }), pool);
    assert.deepEqual([verdict.overlap, verdict.inFlight.max], ['partly', 4]);
  });

  describe('where the system calls show all waits of a loop', () => {
    const fromOutside = (wait: TraceRecord, requests: readonly TraceRecord[] = slow, isCutShort = false) => {
      const state = start();
      const evidence = noEvidence();
      evidence.isCutShort = isCutShort;
      evidence.recorders = [{ name: 'syscalls', version: '1', sees: ['block'] }];
      for (const record of [...requests, wait]) {
        if (record.kind === 'exchange') add(state, record);
        collect(evidence, record);
      }
      return finish(state, { evidence });
    };

    it('is told from its having waited no longer than the answers take', () => {
      assert.equal(fromOutside(block('epoll_wait', 900, 1_150, { descriptors: 20 })).overlap, 'concurrent');
    });

    it('is not told where the trace was cut short, and lacks the others', () => {
      const wait = block('epoll_wait', 900, 1_150, { descriptors: 20 });
      assert.equal(fromOutside(wait, slow, true).overlap, 'partly');
    });

    it('is told though work waits for its turn on it', () => {
      const turns = queued('queue', 0, 900, { unit: 20 });
      assert.equal(fromOutside(turns).overlap, 'concurrent');
    });

    it('is not told from a loop that computed before the first request, and stood still later', () => {
      const late = many(20, (index) => {
        const turn = 1_000 + 200 * Math.floor(index / 4);
        return request(
          index + 1,
          { wanted: 0, dispatched: turn, read: turn + (index % 4 === 0 ? 50 : 200) },
          { calledUs: us(turn) },
        );
      });
      const verdict = fromOutside(block('epoll_wait', 1_000, 2_000, { descriptors: 20 }), late);
      assert.equal(verdict.overlap, 'partly');
    });

    it('is not told from a loop that stood still', () => {
      const verdict = fromOutside(block('epoll_wait', 100, 1_150, { descriptors: 20 }));
      assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'connected']);
    });
  });
});
