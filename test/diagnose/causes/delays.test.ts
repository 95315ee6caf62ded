import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../../src/trace/index.ts';
import { many } from '../example.ts';
import { block, idsIn, request, stack, told, verdictOf } from './example.ts';

/** 20 at once, of which 12 are answered 429 at once and made again `pauseMs` later. */
const refused = (pauseMs: number, given: Partial<Exchange> = {}) =>
  many(20, (index) => {
    const url = `https://example.com/${index}`;
    const unit = index + 1;
    if (index >= 12)
      return [request(index + 1, { wanted: 0, read: 200 }, { unit, url, status: 200, stack: 1 })];
    return [
      request(index + 1, { wanted: 0, read: 5 }, { unit, url, status: 429, stack: 1, ...given }),
      request(
        100 + index,
        { wanted: 5 + pauseMs, read: 205 + pauseMs },
        { unit, url, status: 200, stack: 1 },
      ),
    ];
  }).flat();
const getting = stack(1, '/app/slow.py:7 get');
const sleeping = stack(2, '/app/slow.py:9 get');

test('throttled: a program that waits longer than it is told to is blamed, with the line of its sleep', () => {
  const verdict = verdictOf(
    getting,
    sleeping,
    refused(3_000, { retryAfterSeconds: 1 }),
    block('sleep', 5, 3_005, { unit: 1, stack: 2 }),
  );
  assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'answered']);
  assert.match(verdict.verdict, /3\.2 s, 0\.4 s possible .*; 12 of 32 exchanges were answered 429$/);
  const [cause, ...others] = verdict.causes;
  assert.deepEqual([cause?.id, cause?.confidence, others], ['throttled', 'certain', []]);
  assert.match(
    told(cause),
    /^12 of 32 exchanges were answered 429; the program waited 3\.0 s, at slow\.py:9, before it tried again\. The server asked for 1\.0 s \(Retry-After\), and it waited 3\.0 s\.$/,
  );
  assert.equal(cause?.places[0]?.line, 9);
});

test('throttled: a program that asks again at once is blamed', () => {
  const again = many(10, (turn) =>
    many(8, (index) =>
      request(
        1 + 8 * turn + index,
        { wanted: 100 * turn, read: 100 * turn + 10 },
        {
          unit: index + 1,
          url: `https://example.com/${index}`,
          status: turn === 9 ? 200 : 429,
          ...(turn < 9 && { retryAfterSeconds: 1 }),
        },
      ),
    ),
  ).flat();
  assert.deepEqual(idsIn(again), ['throttled']);
});

test('throttled: a program that waits as long as the server says is not blamed, and the verdict says how long that was', () => {
  for (const given of [{ retryAfterSeconds: 1 }, {}]) {
    const { overlap, causes, facts } = verdictOf(getting, refused(1_000, given));
    assert.deepEqual([overlap, causes], ['partly', []]);
    assert.match(facts.join(' '), /12 of 32 exchanges were answered 429; the program waited 1\.0 s before/);
    assert.equal(/what the server asked for/.test(facts.join(' ')), 'retryAfterSeconds' in given);
  }
});

test('throttled: a few refusals beside many answers change nothing', () => {
  const { overlap, causes } = verdictOf(
    many(100, (index) => request(index + 1, { wanted: 0, read: 1_500 }, { unit: index + 1 })),
    request(200, { wanted: 0, read: 5 }, { unit: 200, status: 503 }),
    request(201, { wanted: 500, read: 700 }, { unit: 200, status: 200 }),
  );
  assert.deepEqual([overlap, causes], ['concurrent', []]);
});

test('retry-sleep: a program that sleeps before it makes failed requests again is named, with the line of its sleep', () => {
  for (const given of [{ status: 500 }, { status: null, answeredUs: null, error: 'ConnectionResetError' }]) {
    const verdict = verdictOf(
      getting,
      sleeping,
      refused(2_000, given),
      block('sleep', 5, 2_005, { unit: 1, stack: 2 }),
    );
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'answered']);
    assert.match(verdict.verdict, /12 of 32 exchanges failed and were made again$/);
    const [cause, ...others] = verdict.causes;
    assert.deepEqual([cause?.id, cause?.confidence, others], ['retry-sleep', 'certain', []]);
    assert.match(
      told(cause),
      /^12 of 32 exchanges failed \(\w+\); the program waited 2\.0 s, at slow\.py:9, before/,
    );
    assert.equal(cause?.places[0]?.line, 9);
  }
});

test('retry-sleep: a retry that is made soon, and one beside which others are under way, is nothing', () => {
  assert.deepEqual(idsIn(getting, refused(50, { status: 500 })), []);
  const { overlap, causes } = verdictOf(
    many(20, (index) => request(index + 1, { wanted: 0, read: 2_500 }, { unit: index + 1 })),
    refused(1_000, { status: 500 }).map((one) => ({ ...one, id: one.id + 500, unit: one.unit! + 500 })),
  );
  assert.deepEqual([overlap, causes], ['concurrent', []]);
});

test('retry-sleep: a pause that the server asked for, and a back-off that grows, are told and not blamed', () => {
  const asked = verdictOf(getting, refused(2_000, { status: 500, retryAfterSeconds: 2 }));
  assert.deepEqual([asked.overlap, asked.causes], ['partly', []]);
  assert.match(asked.facts.join(' '), /That is what the server asked for \(Retry-After\)/);
  const pauses = (...each: readonly number[]) =>
    many(12, (index) =>
      [0, ...each].map((_, attempt) => {
        const wanted = each.slice(0, attempt).reduce((sum, pause) => sum + pause + 5, 0);
        const status = attempt < each.length ? 500 : 200;
        const url = `https://example.com/${index}`;
        return request(
          10 * index + attempt + 1,
          { wanted, read: wanted + 5 },
          { unit: index + 1, url, status },
        );
      }),
    ).flat();
  assert.deepEqual(idsIn(pauses(1_000, 1_000)), ['retry-sleep']);
  const grown = verdictOf(pauses(500, 1_000));
  assert.deepEqual([grown.overlap, grown.causes], ['partly', []]);
  assert.match(grown.facts.join(' '), /waits longer each time \(back-off\)/);
});

/** 20 at once, each of which takes two exchanges of 400 ms. */
const inTwo = (first: Partial<Exchange>, second: Partial<Exchange> = {}) =>
  many(20, (index) => [
    request(
      index + 1,
      { wanted: 0, read: 400 },
      { unit: index + 1, url: `https://example.com/${index}`, stack: 1, ...first },
    ),
    request(
      100 + index,
      { wanted: 401, read: 801 },
      { unit: index + 1, url: `https://example.com/${index}`, status: 200, stack: 1, ...second },
    ),
  ]).flat();

test('two-trips: requests that are refused without credentials first, redirected, or ask for a token', () => {
  const kinds = [
    [{ status: 401 }, {}, 'answered', /without credentials first, and made again with them \(401\)/],
    [
      { status: 302 },
      { url: 'https://example.com/new' },
      'answered',
      /redirected to another URL first \(302\)/,
    ],
    [{ status: 200, url: 'https://example.com/oauth/token' }, {}, 'wanted', /asks for a token first;/],
  ] as const;
  for (const [first, second, step, text] of kinds) {
    const verdict = verdictOf(getting, inTwo(first, second));
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', step]);
    assert.deepEqual(
      verdict.causes.map(({ id }) => id),
      ['two-trips'],
    );
    assert.match(told(verdict.causes[0]), text);
    assert.match(told(verdict.causes[0]), /Each of 20 requests takes two trips: .* 0\.4 s of 0\.8 s\.$/);
  }
});

test('two-trips: tokens that are fetched right before each request are seen from outside, too', () => {
  const outside = many(20, (index) => {
    const {
      unit: _,
      stack: __,
      wantedUs: ___,
      calledUs: ____,
      ...token
    } = request(
      index + 1,
      { wanted: 200 * index, read: 200 * (index + 1) },
      { url: 'https://example.com/token?exp=5', thread: 1000 + (index % 3) },
    );
    const {
      unit: _____,
      stack: ______,
      wantedUs: _______,
      calledUs: ________,
      ...get
    } = request(
      100 + index,
      { wanted: 200 * (index + 1) + 1, read: 200 * (index + 2) },
      { url: 'https://example.com/data', thread: 1000 + (index % 2) },
    );
    return [token, get];
  }).flat();
  const { causes, overlap } = verdictOf(outside);
  assert.equal(overlap, 'partly');
  assert.deepEqual(
    causes.map(({ id, confidence }) => [id, confidence]),
    [['two-trips', 'likely']],
  );
});

test('two-trips: a report of each request that is waited for is one, and reports in a thread of their own are not', () => {
  const report = { method: 'POST', url: 'https://logs.example/v1/traces', status: 200 } as const;
  const { causes, step } = verdictOf(getting, inTwo({ method: 'GET', status: 200 }, report));
  assert.deepEqual([causes.map(({ id }) => id), step], [['two-trips'], 'wanted']);
  assert.match(told(causes[0]), /is reported to a log or a collector/);
  const beside = verdictOf(
    many(20, (index) => request(index + 1, { wanted: 0, read: 400 }, { method: 'GET', unit: index + 1 })),
    many(20, (index) =>
      request(100 + index, { wanted: 20 * index, read: 20 * index + 19 }, { ...report, thread: 9, unit: 99 }),
    ),
  );
  assert.doesNotMatch(beside.facts.join(' '), /two trips/);
});

test('two-trips: a login before many requests, and two calls that are both wanted, are none', () => {
  const login = request(500, { wanted: 0, read: 400 }, { url: 'https://example.com/login', unit: 500 });
  const once = many(20, (index) => request(index + 1, { wanted: 400, read: 800 }, { unit: index + 1 }));
  const { facts } = verdictOf(getting, login, once);
  assert.doesNotMatch(facts.join(' '), /two trips/);
  const both = verdictOf(
    getting,
    inTwo({ status: 200, url: 'https://example.com/a' }, { url: 'https://example.com/b' }),
  );
  assert.doesNotMatch(both.facts.join(' '), /two trips/);
});
