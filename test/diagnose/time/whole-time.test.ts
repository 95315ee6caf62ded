import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Process, TraceRecord } from '../../../src/trace/index.ts';
import { awaiting, block, inTurn, request, STANDARD, stack, verdictOf } from '../causes/example.ts';
import { many, us } from '../example.ts';

const process = (startedMs: number, endedMs: number, given: Partial<Process> = {}): Process => ({
  kind: 'process',
  pid: 7,
  startedUs: us(startedMs),
  endedUs: us(endedMs),
  argv: ['python', 'slow.py'],
  ...given,
});

/** 20 at once, from `fromMs` on, 300 ms each. */
const atOnce = (fromMs: number, thread = 7) =>
  many(20, (index) => request(index + 1, { wanted: fromMs, read: fromMs + 300 }, { thread }));

const timeOf = (...records: readonly (TraceRecord | readonly TraceRecord[])[]) => {
  const { time } = verdictOf(...records);
  assert.ok(time !== null);
  return time;
};

const parse = stack(1, '/app/slow.py:31 parse', '/app/slow.py:40 <module>');

describe('the time of a run without requests', () => {
  it('is told by when it was, and by the line that computed', () => {
    const time = timeOf(process(0, 3_600), atOnce(100), parse, block('cpu', 400, 3_600, { stack: 1 }));
    assert.deepEqual([time.beforeMs, time.betweenMs, time.afterMs], [100, 0, 3_200]);
    assert.deepEqual(time.parts, [{ kind: 'cpu', ms: 3_200, at: '/app/slow.py:31', function: 'parse' }]);
    assert.equal(
      time.text,
      'Of 3.6 s, 3.3 s had no request under way: 3.2 s after the last. Of these, 3.2 s in parse (slow.py:31), on one thread.',
    );
  });

  it('is told though the verdict of the requests is good', () => {
    const { overlap, causes, time, verdict } = verdictOf(
      process(0, 3_600),
      atOnce(100),
      parse,
      block('cpu', 400, 3_600, { stack: 1 }),
    );
    assert.deepEqual([overlap, causes], ['concurrent', []]);
    assert.match(time!.text!, /parse/);
    assert.match(verdict, /^concurrent: 20 wanted .*; besides, 3\.2 s in parse \(slow\.py:31\)$/);
  });

  it('is told in one part, where samples saw the line of some of the sleeps', () => {
    const sleeping = stack(2, '/app/slow.py:9 pause');
    const sleeps = many(10, (index) =>
      block('sleep', 400 + 200 * index, 600 + 200 * index, index % 5 === 0 ? { stack: 2 } : {}),
    );
    const { parts } = timeOf(process(0, 2_400), atOnce(100), sleeping, sleeps);
    assert.deepEqual(parts, [{ kind: 'sleep', ms: 2_000, at: '/app/slow.py:9', function: 'pause' }]);
  });

  it('between requests is told for each kind of wait, the longest first', () => {
    const time = timeOf(
      process(0, 4_300),
      atOnce(0),
      many(20, (index) => request(30 + index, { wanted: 4_000, read: 4_300 })),
      stack(2, '/app/slow.py:9 pause'),
      block('sleep', 300, 2_500, { stack: 2 }),
      block('wait', 2_500, 4_000),
      { kind: 'process', pid: 9, parent: 7, startedUs: us(2_500), endedUs: us(4_000), argv: ['/bin/ffmpeg'] },
    );
    assert.equal(time.betweenMs, 3_700);
    assert.match(time.text!, /2\.2 s asleep \(slow\.py:9\); 1\.5 s waiting for a child process, ffmpeg\.$/);
  });

  it('is none where requests follow each other', () => {
    const time = timeOf(process(0, 4_020), inTurn(20), block('cpu', 0, 4_000));
    assert.deepEqual([time.text, time.parts.length], [null, 1]);
    assert.ok(time.parts[0]!.ms < 20);
  });

  it('is not told where nobody saw a process begin', () => {
    assert.equal(verdictOf(atOnce(5_000)).time, null);
  });

  it('counts a moment once, though a thread computes while others sleep', () => {
    const time = timeOf(
      process(0, 2_300),
      atOnce(0),
      block('cpu', 300, 2_300),
      block('sleep', 300, 2_300, { thread: 7, unit: 3 }),
    );
    assert.deepEqual(
      time.parts.map(({ kind, ms }) => [kind, ms]),
      [['cpu', 2_000]],
    );
  });

  it('of coroutines that sleep is told from where they stand', () => {
    const time = timeOf(
      process(0, 2_300),
      atOnce(0),
      stack(2, `${STANDARD}/asyncio/tasks.py:665 sleep`, '/app/slow.py:12 main'),
      awaiting(3, 300, 2_300, 2),
      block('epoll_wait', 300, 2_300),
    );
    assert.match(time.text!, /2\.0 s asleep \(slow\.py:12\)/);
  });

  it('does not take the shell that waits for the program for a program that waits for a child', () => {
    const shell = process(0, 3_400, { pid: 3, argv: ['sh', '-c', 'python slow.py'] });
    const time = timeOf(
      shell,
      process(50, 3_400, { parent: 3 }),
      atOnce(100),
      block('wait', 50, 3_400, { pid: 3, thread: 3 }),
      block('sleep', 400, 3_400),
    );
    assert.deepEqual(
      time.parts.map(({ kind }) => kind),
      ['sleep'],
    );
  });

  it('does not say what threads do that make no request', () => {
    const time = timeOf(process(0, 3_400), atOnce(100), block('sleep', 400, 3_400, { thread: 8 }));
    assert.deepEqual(time.parts, []);
    assert.equal(time.text, 'Of 3.4 s, 3.1 s had no request under way: 3.0 s after the last.');
  });

  it('is CPU where nobody saw a wait and the kernel counted so much', () => {
    const time = timeOf(process(0, 3_000, { cpuUs: us(2_600) }), atOnce(2_500));
    assert.match(
      time.text!,
      /^Of 3\.0 s, 2\.7 s had .*: 2\.5 s before the first.* Of these, 2\.6 s of its own CPU\.$/,
    );
  });

  it('is CPU, or a wait for one, where the kernel counted these', () => {
    const time = timeOf(process(0, 3_000, { cpuUs: us(900), runQueueUs: us(1_800) }), atOnce(2_500));
    assert.match(time.text!, /Of these, 2\.7 s computing, or waiting for a CPU\. Its threads waited 1\.8 s/);
  });

  it('has a sentence of its own for threads that were ready and waited for a CPU', () => {
    const time = timeOf(process(0, 400, { runQueueUs: us(7_000) }), atOnce(50));
    assert.match(time.text!, /Its threads waited 7\.0 s for a CPU, in all\.$/);
    assert.deepEqual(time.parts.at(-1), { kind: 'run-queue', ms: 7_000 });
  });
});
