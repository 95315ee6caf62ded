import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../../src/trace/index.ts';
import { fromOutside, many, us } from '../example.ts';
import { block, causesIn, idsIn, inTurn, request, STANDARD, stack, told, verdictOf } from './example.ts';

const asking = stack(1, '/app/report.py:14 main', '/app/report.py:21 <module>');

test('await-in-loop: a caller that waits for each before it asks for the next is named by its line', () => {
  const [cause] = causesIn(
    asking,
    { kind: 'unit', id: 1, pid: 7, type: 'task' },
    inTurn(10, () => ({ stack: 1, unit: 1 })),
  );
  assert.equal(cause?.id, 'await-in-loop');
  assert.match(
    told(cause),
    /awaits each request before it asks for the next, at report\.py:14: one at a time/,
  );
  assert.match(cause.fix ?? '', /If no URL comes out of an earlier answer/);
});

test('batch-barrier: batches that wait for their slowest are named by the line that asks for them', () => {
  const batches = many(25, (index) => {
    const from = 1_000 * Math.floor(index / 5);
    const read = from + (index % 5 === 0 ? 1_000 : 100);
    return request(index + 1, { wanted: from, read }, { stack: 1, connection: index % 5 });
  });
  const [cause, ...others] = causesIn(asking, batches);
  assert.deepEqual([cause?.id, cause?.confidence, others], ['batch-barrier', 'likely', []]);
  assert.equal(cause!.places[0]!.line, 14);
  assert.match(told(cause), /5 batches of 5, and each batch begins only when the slowest/);
});

const details = stack(2, '/app/report.py:20 details');

/** Five pages of 300 ms one after another; after each, six details at another line that take 200 or 440 ms. */
function pagesAndDetails(page: Partial<Exchange> = {}): readonly Exchange[] {
  return many(5, (at) => {
    const from = 750 * at;
    return [
      request(10 * at + 1, { wanted: from, read: from + 300 }, { stack: 1, connection: 0, ...page }),
      ...many(6, (one) => {
        const times = { wanted: from + 302, read: from + 302 + (one % 2 === 0 ? 440 : 200) };
        return request(10 * at + 2 + one, times, { stack: 2, connection: one });
      }),
    ];
  }).flat();
}

test('batch-barrier: pages that wait for the details of the page before are told, and are no poll', () => {
  const verdict = verdictOf(asking, details, pagesAndDetails());
  const [cause, ...others] = verdict.causes;
  assert.deepEqual([cause?.id, cause?.confidence, others], ['batch-barrier', 'likely', []]);
  assert.match(
    told(cause),
    /Before each request at report.py:14 .* 6 other requests at report.py:20 are read/,
  );
  assert.doesNotMatch(verdict.facts.join(' '), /polls/);
  const [sure] = causesIn(asking, details, pagesAndDetails({ from: [] }));
  assert.deepEqual([sure?.id, sure?.confidence], ['batch-barrier', 'certain']);
});

test('pages that follow from one another are no fault, nor are requests of many lines', () => {
  assert.ok(
    !idsIn(
      asking,
      inTurn(10, () => ({ stack: 1, because: 'page' })),
    ).includes('await-in-loop'),
  );
  const lines = many(10, (index) => stack(index + 1, `/app/report.py:${index + 1} step`));
  assert.ok(
    !idsIn(
      lines,
      inTurn(10, (id) => ({ stack: id })),
    ).includes('await-in-loop'),
  );
});

const resulting = stack(
  2,
  `${STANDARD}/threading.py:355 threading.Condition.wait`,
  `${STANDARD}/concurrent/futures/_base.py:451 concurrent.futures._base.Future.result`,
  '/app/report.py:11 <module>',
);
const onWorker = inTurn(10, () => ({ stack: 1, thread: 8 }));

test('result-in-loop: a result that is taken right after each hand-over is named by its line', () => {
  const waits = many(10, (index) => block('futex', 201 * index, 201 * index + 200, { stack: 2 }));
  const [cause, ...others] = causesIn(asking, resulting, onWorker, waits);
  assert.equal(cause?.id, 'result-in-loop');
  assert.match(told(cause), /Future\.result at report\.py:11/);
  assert.deepEqual(others, []);
});

test('result-in-loop: one long wait for all of them is no loop', () => {
  const wait = block('futex', 0, 2_010, { stack: 2 });
  assert.ok(!idsIn(asking, resulting, onWorker, wait).includes('result-in-loop'));
});

test('result-in-loop: waits for the results of other work beside it are no loop', () => {
  const others = many(10, (index) => block('futex', 201 * index + 60, 201 * index + 130, { stack: 2 }));
  assert.ok(!idsIn(asking, resulting, onWorker, others).includes('result-in-loop'));
});

test('one-worker: one worker that takes from a queue is known by the thread that waits for the queue', () => {
  const putting = stack(
    2,
    `${STANDARD}/threading.py:355 threading.Condition.wait`,
    `${STANDARD}/queue.py:140 queue.Queue.put`,
    '/app/report.py:30 main',
  );
  const waits = many(9, (index) => block('futex', 201 * index, 201 * index + 200, { stack: 2 }));
  const [cause] = causesIn(asking, putting, onWorker, waits);
  assert.equal(cause?.id, 'one-worker');
  assert.match(told(cause), /One worker takes all requests.*report\.py:14.*Queue\.put at report\.py:30/);
});

const listed = (url: (index: number) => string) =>
  inTurn(10, (id) => ({ stack: 1, unit: 1, url: `https://example.com${url(id)}` }));

test('URLs that look like pages of one list are a fact, not a fault', () => {
  const verdict = verdictOf(
    asking,
    listed((id) => `/items?size=50${id === 1 ? '' : `&cursor=x${id}`}`),
  );
  assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['serial', 'wanted', []]);
  assert.ok(verdict.facts.some((fact) => fact.includes('(cursor=x9, then cursor=x10)')));
});

test('await-in-loop: URLs that say nothing of it are asked for in a loop, for certain where they come again', () => {
  const sure = (url: (index: number) => string) =>
    causesIn(asking, listed(url)).map(({ confidence }) => confidence);
  assert.deepEqual(
    sure(() => '/items?page=1'),
    ['certain'],
  );
  assert.deepEqual(
    sure((id) => `/items?user=${id}`),
    ['likely'],
  );
  assert.deepEqual(
    sure((id) => `/items?page=${id}&user=${id}`),
    ['likely'],
  );
});

/** Each 100 ms, wanted so long after the one before was read. */
const pausing = (pauseMs: (index: number) => number) => {
  let at = 0;
  return many(10, (index) => {
    const wanted = at;
    at += 100 + pauseMs(index);
    return request(index + 1, { wanted, read: wanted + 100 }, { stack: 1, ordinal: index, connection: 1 });
  });
};

test('a program that pauses by the clock between requests means to, and is not blamed', () => {
  const verdict = verdictOf(
    asking,
    pausing(() => 250),
  );
  assert.deepEqual([verdict.overlap, verdict.causes], ['serial', []]);
  assert.ok(verdict.facts.some((fact) => fact.includes('waits for 0.25 s between each two requests')));
});

test('a program seen to sleep between requests means to, though nobody saw what it wanted', () => {
  const seen = pausing((index) => (index === 4 ? 700 : 250));
  const outside = seen.map((one) => {
    const { calledUs: _, stack: __, unit: ___, ...rest } = fromOutside(one);
    return rest;
  });
  const sleeps = seen.slice(0, -1).map(({ readUs }) => block('sleep', readUs! / 1e3, readUs! / 1e3 + 245));
  const verdict = verdictOf(outside, sleeps);
  assert.deepEqual([verdict.overlap, verdict.causes], ['serial', []]);
  assert.ok(verdict.facts.some((fact) => fact.includes('sleeps for 0.24 s between each two requests')));
  assert.deepEqual(idsIn(outside), ['one-by-one']);
});

test('await-in-loop: URLs that come out of no earlier answer make it certain, and those that do are a fact', () => {
  const from = (ids: (id: number) => readonly number[]) =>
    listed((id) => `/items/${id}`).map((one) => ({ ...one, from: ids(one.id) }));
  const [cause] = causesIn(
    asking,
    from(() => []),
  );
  assert.equal(cause?.id, 'await-in-loop');
  assert.equal(cause?.confidence, 'certain');
  const verdict = verdictOf(
    asking,
    from((id) => (id > 1 ? [id - 1] : [])),
  );
  assert.deepEqual(verdict.causes, []);
  assert.ok(verdict.facts.some((fact) => /URLs came out of the answer before them/.test(fact)));
});

test('processes that start one after another do not stand still while they start', () => {
  const seen = pausing(() => 250).map((one, index) => ({ ...one, pid: 100 + index }));
  const started = (sleepMs: number) =>
    seen.map(({ pid, wantedUs, readUs }) => ({
      kind: 'process' as const,
      pid,
      parent: 7,
      argv: ['python3', '-c', 'import requests'],
      startedUs: wantedUs! - us(240 - sleepMs),
      endedUs: readUs! + us(5),
    }));
  assert.deepEqual(idsIn(asking, seen, started(0)), ['one-process-at-a-time']);
  assert.deepEqual(idsIn(asking, seen, started(220)), [], 'sh sleeps between them');
});

test('what it computes between them, or does as it comes, is no such pause', () => {
  assert.deepEqual(
    idsIn(
      asking,
      pausing((index) => 60 * index),
    ),
    ['await-in-loop'],
  );
  const busy = many(10, (index) => block('cpu', 350 * index + 100, 350 * (index + 1)));
  assert.deepEqual(
    idsIn(
      asking,
      pausing(() => 250),
      busy,
    ),
    ['await-in-loop'],
  );
});

test('await-in-loop: requests that are made by the clock are not blamed, however their answers fill the time between', () => {
  const tookMs = [140, 116, 181, 161, 127, 150, 134, 175];
  const byClock = tookMs.map((ms, index) =>
    request(index + 1, { wanted: 200 * index, read: 200 * index + ms }),
  );
  const verdict = verdictOf(byClock);
  assert.deepEqual(verdict.causes, []);
  assert.ok(
    verdict.facts.some((fact) => fact.startsWith('The program sends a request every 0.2 s, by the clock')),
  );
});

test('await-in-loop: a last answer that takes longer makes no clock of a loop', () => {
  const inTurn = many(8, (index) =>
    request(
      index + 1,
      { wanted: 110 * index, read: 110 * index + (index === 7 ? 400 : 109) },
      { stack: 1, ordinal: index, connection: 1 },
    ),
  );
  assert.deepEqual(idsIn(asking, inTurn), ['await-in-loop']);
});

test('a loop that asks at two lines is a loop, and its function is named', () => {
  const lines = [
    stack(1, '/app/report.py:14 main', '/app/report.py:21 <module>'),
    stack(2, '/app/api.py:4 details', '/app/report.py:15 main', '/app/report.py:21 <module>'),
  ];
  const [cause] = causesIn(
    lines,
    inTurn(10, (id) => ({ stack: 1 + (id % 2), unit: 1 })),
  );
  assert.equal(cause?.id, 'await-in-loop');
  assert.equal(cause.places[0]?.file, '/app/report.py');
  const apart = [stack(1, '/app/a.py:1 one'), stack(2, '/app/b.py:1 other')];
  assert.deepEqual(
    idsIn(
      apart,
      inTurn(10, (id) => ({ stack: 1 + (id % 2), unit: 1 })),
    ),
    ['unexplained'],
  );
});

test('await-in-loop: one late request does not hide the clock', () => {
  const tookMs = [140, 116, 181, 161, 127, 150, 134, 175, 120, 160];
  const byClock = tookMs.map((ms, index) => {
    const wanted = 200 * index + (index > 6 ? 150 : 0);
    return request(index + 1, { wanted, read: wanted + ms });
  });
  const { causes, facts } = verdictOf(byClock);
  assert.deepEqual(causes, []);
  assert.ok(facts.some((fact) => fact.startsWith('The program sends a request every 0.2 s, by the clock')));
});

test('await-in-loop: a loop that works on each answer has no clock, however even its turns are', () => {
  const tookMs = [100, 112, 90, 108, 94, 110, 92, 104];
  let at = 0;
  const inTurn = tookMs.map((ms, index) => {
    const wanted = at;
    at += ms + 400;
    return request(index + 1, { wanted, read: wanted + ms }, { stack: 1, connection: 1, ordinal: index });
  });
  const work = inTurn.map(({ readUs }) => block('cpu', readUs! / 1000, readUs! / 1000 + 399, { stack: 1 }));
  const { facts } = verdictOf(asking, inTurn, work);
  assert.ok(!facts.some((fact) => fact.includes('by the clock')));
});

test('await-in-loop: a thread that sleeps before it hands the next request over waits for no answer', () => {
  const wantedMs = [0, 210, 440, 640, 880, 1_090, 1_300, 1_540];
  const handed = wantedMs.map((wanted, index) =>
    request(index + 1, { wanted, read: wanted + 100 }, { thread: 20 + index, unit: 1 + index }),
  );
  const sleeps = wantedMs
    .slice(1)
    .map((wanted, index) => block('sleep', wantedMs[index]! + 2, wanted - 1, { thread: 7 }));
  const { causes, facts } = verdictOf(handed, sleeps);
  assert.deepEqual(causes, []);
  assert.ok(facts.some((fact) => fact.includes('before it hands the next request over')));
});

test('await-in-loop: a thread that sleeps a little all the time hands no request over', () => {
  const waits = many(10, (index) =>
    many(20, (tick) => block('sleep', 201 * index + 10 * tick, 201 * index + 10 * tick + 10, { thread: 99 })),
  );
  const { causes, facts } = verdictOf(
    asking,
    inTurn(10, () => ({ stack: 1, from: [] })),
    waits.flat(),
  );
  assert.deepEqual(
    causes.map(({ id }) => id),
    ['await-in-loop'],
  );
  assert.doesNotMatch(facts.join(' '), /hands the next request over/);
});

test('await-in-loop: URLs that differ in what the trace hides are none that come again', () => {
  const pages = inTurn(10, (id) => ({
    stack: 1,
    url: `https://example.com/list?continuation-token=${id === 1 ? '' : '***'}`,
  }));
  const [cause] = causesIn(asking, pages);
  assert.deepEqual([cause?.id, cause?.confidence], ['await-in-loop', 'likely']);
  const [again] = causesIn(
    asking,
    inTurn(10, () => ({ stack: 1, url: 'https://example.com/list' })),
  );
  assert.equal(again?.confidence, 'certain');
});

test('batch-barrier: workers that go in step, since their requests take as long, wait for no slowest one', () => {
  // Each request waits 200 ms for its connection, which is what the run loses.
  const inStep = (slower: number) =>
    many(12, (index) => {
      const [turn, worker] = [Math.floor(index / 2), index % 2];
      const wanted = (505 + slower) * turn;
      const read = wanted + 500 + (worker === 0 ? 0 : slower);
      return request(
        index + 1,
        { wanted, dispatched: wanted, connected: wanted + 200, sent: wanted + 200, read },
        { stack: 1, from: [], thread: 50 + worker },
      );
    });
  assert.ok(!idsIn(asking, inStep(5)).includes('batch-barrier'));
  assert.ok(idsIn(asking, inStep(900)).includes('batch-barrier'));
});
