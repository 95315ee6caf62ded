import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TraceRecord } from '../../src/trace/index.ts';
import {
  block,
  causesIn,
  environment,
  idsIn,
  inTurn,
  portions,
  request,
  SITE,
  STANDARD,
  stack,
} from './causes/example.ts';
import { many } from './example.ts';

describe('the causes of a verdict', () => {
  it('begin with a certain one that took a fifth of the time, whatever share a likely one has', () => {
    const answers = portions(20, 2, () => ({ thread: 7, stack: 2 }));
    const limit = environment([{ kind: 'connections', size: 2, of: 'pool' }], { language: 'node' });
    const sleeping = many(5, (index) => block('sleep', 200 * index, 200 * index + 120, { stack: 1 }));
    const found = causesIn(
      stack(1, 'node:a:1 sleepSync', '/app/a.mjs:3 work'),
      stack(2, '/app/a.mjs:9 get'),
      answers,
      sleeping,
      limit,
    );
    const certain = found.findIndex(({ confidence }) => confidence === 'certain');
    const likely = found.findIndex(({ confidence }) => confidence === 'likely');
    assert.deepEqual(
      found.map(({ id, confidence }) => [id, confidence]),
      [
        ['loop-sleeps', 'certain'],
        ['connection-limit', 'likely'],
      ],
    );
    assert.ok(found[likely]!.share > found[certain]!.share, 'the likely one took more');
  });

  it('leave out one that another explains better', () => {
    const asking = stack(1, '/app/report.py:8 main');
    const waits = stack(
      2,
      `${STANDARD}/threading.py:355 Condition.wait`,
      `${STANDARD}/concurrent/futures/_base.py:451 Future.result`,
      '/app/report.py:11 main',
    );
    const results = many(10, (index) =>
      block('futex', 201 * index, 201 * index + 200, { thread: 99, stack: 2 }),
    );
    const exchanges = inTurn(10, () => ({ stack: 1 }));
    assert.deepEqual(idsIn(asking, exchanges), ['await-in-loop']);
    assert.deepEqual(idsIn(asking, waits, exchanges, results), ['result-in-loop']);
  });

  it('say what to do in the language of the program, and of no other', () => {
    const asked = (file: string, ...records: readonly TraceRecord[]) =>
      causesIn(
        stack(1, `${file}:8 main`),
        inTurn(10, () => ({ stack: 1 })),
        records,
      )[0]!;
    assert.match(asked('/app/a.py', environment([])).fix!, /ThreadPoolExecutor/);
    assert.doesNotMatch(asked('/app/a.py', environment([])).fix!, /Promise/);
    const node = asked('/app/a.mjs', environment([], { language: 'node' }));
    assert.match(node.fix!, /Promise\.all/);
    assert.doesNotMatch(node.fix!, /asyncio|Thread/);
    assert.equal(asked('/app/a.mjs').fix, node.fix, 'the files say it where no probe does');
    assert.match(asked('/app/a.rb').fix!, /Thread\.new/);
    assert.doesNotMatch(asked('/app/a.go').fix!, /Promise|asyncio|Thread/);
  });

  it('refer to what was met in the language of the program, or to nothing', () => {
    const asked = (language: string) =>
      causesIn(
        stack(1, '/app/a:8 main'),
        inTurn(10, () => ({ stack: 1 })),
        environment([], { language }),
      )[0]!.reference;
    assert.match(asked('node')!.url, /standard\/standard/);
    assert.equal(asked('python'), null);
  });

  it('name the line of the program first, and then those of libraries', () => {
    const synchronous = stack(
      1,
      `${STANDARD}/socket.py:707 socket.SocketIO.readinto`,
      `${SITE}/requests/api.py:73 get`,
      '/app/report.py:11 get',
    );
    const exchanges = many(10, (index) =>
      request(index + 1, { wanted: 0, dispatched: 200 * index, read: 200 * index + 199 }),
    );
    const reads = many(10, (index) =>
      block('read', 200 * index, 200 * index + 199, { stack: 1, connections: [index + 1], descriptors: 1 }),
    );
    const modules = [{ name: 'requests', version: '2.34.2' }];
    const [cause] = causesIn(synchronous, exchanges, reads, environment([], { modules }));
    assert.deepEqual(
      cause?.places.map(({ line, own }) => [line, own]),
      [
        [11, true],
        [707, false],
        [73, false],
      ],
    );
    assert.deepEqual(cause?.from, { module: 'requests', version: '2.34.2' });
    assert.match(cause?.fix ?? '', /asyncio\.to_thread\(requests\.get, url\)/);
  });

  it('name the line that asks, where the evidence has none of the program', () => {
    const [cause] = causesIn(
      stack(1, '/app/a.mjs:6 get'),
      portions(20, 2, () => ({ stack: 1 })),
      environment([{ kind: 'connections-per-host', size: 2, of: 'http.Agent maxSockets' }]),
    );
    assert.equal(cause?.id, 'connection-limit');
    assert.deepEqual(
      cause.places.map(({ file, line, own }) => [file, line, own]),
      [['/app/a.mjs', 6, true]],
    );
  });
});
