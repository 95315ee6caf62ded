import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange, Unit } from '../../../src/trace/index.ts';
import { environment, queued, request, SITE, stack, verdictOf } from '../causes/example.ts';
import { many, us } from '../example.ts';

const WORK = stack(1, `${SITE}/requests/api.py:73 get`, '/app/report.py:9 fetch');

/** 12 requests of one line, two at a time, each called 2 ms after the end of another one. */
const twoAtATime = (given: (index: number) => Partial<Exchange>) =>
  many(12, (index) => {
    const fromMs = 102 * Math.floor(index / 2) + 3 * (index % 2);
    return request(
      index + 1,
      { wanted: fromMs, read: fromMs + 100 },
      {
        stack: 1,
        unit: 1 + (index % 2),
        url: `https://example.com/item/${index}`,
        from: [],
        ...given(index),
      },
    );
  });

const judgedOf = (given: (index: number) => Partial<Exchange> = () => ({})) =>
  verdictOf(WORK, twoAtATime(given), environment([]));

test('two at a time of twelve that no answer named are held back, though nobody saw what holds them', () => {
  const { overlap, step, wanted, causes } = judgedOf();
  assert.deepEqual([overlap, step, wanted], ['partly', 'dispatched', 12]);
  assert.deepEqual([causes[0]?.id, causes[0]?.confidence], ['chunks', 'likely']);
  assert.match(causes[0]!.text, /^At most 2 at a time: 2 units of work .* \(report\.py:9\)/);
  // Where each of them is work of its own, the program does not say what lets so few through.
  const apart = judgedOf((index) => ({ unit: index + 1 }));
  assert.match(apart.causes[0]!.text, /^At most 2 at a time: .* before the call at report\.py:9/);
});

test('URLs that differ in what the trace hides are of their own, and those that are the same are asked again', () => {
  const hidden = judgedOf((index) => ({ unit: index + 1, url: 'https://example.com/item?ticket=***' }));
  assert.deepEqual([hidden.overlap, hidden.wanted], ['partly', 12]);
  const again = judgedOf((index) => ({ unit: index + 1, url: 'https://example.com/item' }));
  assert.equal(again.wanted, 2);
});

test('two workers, whose producer hands over an item whenever one has ended, are given twelve', () => {
  const items = many(12, (index): Unit => {
    const fromMs = 102 * Math.max(0, Math.floor(index / 2) - 1);
    return { kind: 'unit', id: index + 1, pid: 7, type: 'executor-item', madeUs: us(fromMs) };
  });
  const queue = items.map(({ id, madeUs }) =>
    queued('executor', madeUs! / 1_000, 102 * Math.floor((id - 1) / 2), { unit: id, thread: 1 + (id % 2) }),
  );
  const { wanted, possibleWallMs, causes } = verdictOf(
    WORK,
    items,
    queue,
    twoAtATime((index) => ({ unit: index + 1, thread: 1 + ((index + 1) % 2) })),
    environment([{ kind: 'workers', size: 2, of: 'ThreadPoolExecutor max_workers' }]),
  );
  assert.equal(wanted, 12);
  assert.ok(possibleWallMs! < 200, `${possibleWallMs}`);
  assert.equal(causes[0]?.id, 'worker-limit');
});

test('two chains of pages, each URL from the answer before it, are not held back', () => {
  const { overlap, causes } = judgedOf((index) => (index < 2 ? {} : { from: [index - 1] }));
  assert.deepEqual([overlap, causes], ['concurrent', []]);
});

test('where nobody looked into the answers, nothing is said to be held back', () => {
  const { overlap, causes } = judgedOf(() => ({ from: undefined as never }));
  assert.deepEqual([overlap, causes], ['concurrent', []]);
});

test('two threads that poll the same URL are not held back', () => {
  const { overlap, causes } = judgedOf(() => ({ url: 'https://example.com/health' }));
  assert.deepEqual([overlap, causes], ['concurrent', []]);
});

test('two users who each make the same steps, one after another, are not held back', () => {
  const steps = ['login', 'cart', 'add', 'pay', 'mail', 'logout'];
  const { overlap, causes } = judgedOf((index) => ({
    url: `https://example.com/shop?user=${index % 2}&do=${steps[Math.floor(index / 2)]}`,
  }));
  assert.deepEqual([overlap, causes], ['concurrent', []]);
});

test('what two requests that a server takes make in turn is not held back by the server', () => {
  const served = [1, 2].map((id) => ({ kind: 'unit', id, pid: 7, type: 'served-request' }) as const);
  const { wanted } = verdictOf(
    WORK,
    served,
    twoAtATime(() => ({})),
    environment([]),
  );
  assert.notEqual(wanted, 12);
});
