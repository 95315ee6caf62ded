import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noEvidence } from '../../../src/diagnose/index.ts';
import { flameOf, heaviestPath, stacksOf } from '../../../src/page/model/flame.ts';
import { BLOCK_CLASSES, blocksAt, lanesOf } from '../../../src/page/model/lanes.ts';
import type { Block, Stack } from '../../../src/trace/index.ts';
import { CASES, laid, timesOfExchanges } from './runs.ts';

const heldBy = (descriptors: number, fromUs: number, toUs: number, stack?: number): Block => ({
  kind: 'block',
  pid: 1,
  thread: 1,
  fromUs,
  toUs,
  wait: { kind: 'poll', call: 'poll', descriptors },
  ...(stack !== undefined && { stack }),
});

describe('the lanes', () => {
  it('have every block of the trace once, in the order of time, for every trace of a case', async () => {
    for (const name of CASES) {
      const { evidence } = (await laid(name)).recording;
      const { lanes, left } = lanesOf(evidence);
      const blocks = lanes.flatMap((lane) => lane.blocks);
      if (left === 0) assert.equal(new Set(blocks).size, evidence.block.length, name);
      for (const { blocks: own } of lanes)
        for (const [at, { fromUs }] of own.entries())
          assert.ok(at === 0 || own[at - 1]!.fromUs <= fromUs, name);
    }
  });

  it('tell a wait for one descriptor from one for many, and say which thread is a loop', async () => {
    const evidence = { ...noEvidence(), block: [heldBy(1, 0, 10), heldBy(3, 20, 50)] };
    const [lane] = lanesOf(evidence).lanes;
    assert.deepEqual(
      [...lane!.classes].map((at) => BLOCK_CLASSES[at]),
      ['one', 'many'],
    );
    assert.deepEqual([lane!.kind, lane!.title], ['loop', 'loop 1']);
    assert.deepEqual(lane!.sumsUs, [10, 30, 0, 0, 0, 0]);
  });

  it('of gevent that is held by a poll of one socket are blocked most of the time', async () => {
    const { recording } = await laid('py27-grequests-pyopenssl.slow.jsonl.zst');
    const [lane] = lanesOf(recording.evidence).lanes;
    const one = lane!.sumsUs[BLOCK_CLASSES.indexOf('one')]!;
    assert.ok(one > 0.8 * lane!.sumsUs.reduce((sum, us) => sum + us, 0), String(lane!.sumsUs));
  });

  it('tell what a thread is in at a moment, the innermost first', () => {
    const outer = heldBy(1, 0, 100);
    const inner = heldBy(1, 20, 40);
    const [lane] = lanesOf({ ...noEvidence(), block: [inner, outer] }).lanes;
    assert.deepEqual(
      [10, 30, 50, 100].map((us) => blocksAt(lane!, us)),
      [[outer], [inner, outer], [outer], []],
    );
  });
});

describe('the flame graph', () => {
  const stack = (id: number, ...functions: string[]): Stack => ({
    kind: 'stack',
    id,
    frames: functions.map((name, at) => ({ function: name, file: '/srv/app.py', line: at + 1 })),
  });
  const thread = { pid: 1, thread: 1 };
  const steps = [0, 10, 20].map((sent) => ({
    wanted: 0,
    dispatched: 0,
    connected: 0,
    sent,
    answered: sent + 10,
    end: sent + 10,
  }));
  const { times } = timesOfExchanges(steps);
  const exchange = steps.map((_, id) => ({ kind: 'exchange', id, origin: 'http://a', ...thread }) as const);
  const evidence = {
    ...noEvidence(),
    exchange,
    stack: [stack(1, 'recv', 'get', 'main'), stack(2, 'parse', 'main')],
    block: [heldBy(1, 0, 10, 1), heldBy(1, 10, 20, 2), heldBy(1, 20, 30, 1), heldBy(9, 30, 40, 1)],
  };

  it('weighs a block by the time that requests waited in it, added up, the heaviest to the left', () => {
    const { root, depth, waitedUs } = flameOf(evidence, exchange, times);
    assert.deepEqual([root.us, waitedUs, depth], [30, 30, 4]);
    const [main, other] = root.children;
    assert.deepEqual([main!.name, main!.place, main!.us, main!.isOwn], ['main', 'app.py:3', 20, true]);
    assert.deepEqual([other!.name, other!.us, other!.fromUs], ['main', 10, 20]);
    assert.deepEqual(
      heaviestPath(root).map(({ name }) => name),
      ['all', 'main', 'get', 'recv', 'poll'],
    );
    assert.deepEqual(
      stacksOf(root).map((path) => path.at(-1)!.us),
      [20, 10],
    );
  });

  it('counts no wait twice that two recorders saw', () => {
    const twice = { ...evidence, block: [...evidence.block, ...evidence.block] };
    assert.equal(flameOf(twice, exchange, times).root.us, 30);
  });

  it('shows the poll of pyOpenSSL as that in which the requests of stage 2 waited', async () => {
    const { recording, times: real } = await laid('py27-grequests-pyopenssl.slow.jsonl.zst');
    const { root, waitedUs } = flameOf(recording.evidence, recording.exchange, real);
    const path = heaviestPath(root);
    assert.ok(
      path.some(({ name }) => name.includes('WrappedSocket')),
      path.map(({ name }) => name).join(' < '),
    );
    assert.equal(path.at(-1)!.leaf, 'one');
    assert.ok(root.us > 0.7 * waitedUs && root.us <= waitedUs, `${root.us} of ${waitedUs}`);
  });

  it('never shows more waiting than there was, for every trace of a case', async () => {
    for (const name of CASES) {
      const { recording, times: real } = await laid(name);
      const { root, waitedUs } = flameOf(recording.evidence, recording.exchange, real);
      assert.ok(root.us <= waitedUs * 1.001, `${name}: ${root.us} of ${waitedUs}`);
    }
  });

  it('is empty where no request waited', () => {
    assert.deepEqual(flameOf(noEvidence(), [], timesOfExchanges([]).times).root.children, []);
  });
});
