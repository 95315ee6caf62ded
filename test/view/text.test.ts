import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import {
  count,
  duration,
  type SummaryFigures,
  share,
  showProgress,
  summaryLines,
} from '../../src/view/index.ts';
import { progressText } from '../../src/view/progress.ts';

const FIGURES: SummaryFigures = {
  results: 10_000,
  failed: 3,
  abandoned: 0,
  wallMs: 10_300,
  doneBefore: 0,
  proof: {
    inFlightMean: 98.2,
    inFlightMax: 100,
    activeMs: 10_000,
    wantedMean: 99.9,
    overlap: 0.983,
    givenUpMs: { 'per-origin': 30_900, 'back-off': 1 },
    loopBusy: 0.5,
  },
  verdict: 'concurrent',
  statuses: new Map([
    [404, 2],
    [200, 9997],
  ]),
  failures: [
    {
      code: 'status',
      count: 2,
      origins: at('https://a.test', 'https://c.test'),
      example: { url: 'https://a.test/x', text: 'the server answered 404' },
    },
    {
      code: 'reset',
      count: 1,
      origins: at('https://b.test'),
      example: { url: 'https://b.test/', text: 'the connection ended' },
    },
  ],
  slowest: [{ origin: 'https://a.test', answers: 10, meanMs: 812.4, maxMs: 1234 }],
  expectation: null,
  notes: ['64 in flight at most'],
  files: ['results: out.jsonl'],
};

function at(...origins: readonly string[]) {
  return origins.map((origin) => ({ origin, count: 1 }));
}

function lines(figures: Partial<SummaryFigures> = {}): readonly string[] {
  return summaryLines({ ...FIGURES, ...figures }).map(stripVTControlCharacters);
}

test('the summary says how many, how long, how concurrent, what failed, and where it is', () => {
  assert.deepEqual(lines(), [
    '10,000 GETs in 10.3 s (971/s), 3 failed',
    'in flight: mean 98.2 of 99.9 wanted (98.3%), max 100: concurrent',
    '  idle slots on average: 3.0 limit per origin',
    'statuses: 200: 9,997 · 404: 2',
    'failed:   status: 2, first https://a.test/x',
    '            the server answered 404',
    '            1 at https://a.test, 1 at https://c.test',
    '          reset: 1, first https://b.test/',
    '            the connection ended',
    'slowest:  https://a.test: mean 0.81 s, max 1.2 s of 10',
    'note: 64 in flight at most',
    'results: out.jsonl',
  ]);
});

test('every reason for an idle slot is said in words, the largest first', () => {
  const givenUpMs = {
    'per-origin': 10_300,
    rate: 20_600,
    'per-origin-rate': 30_900,
    adapting: 41_200,
    'back-off': 51_500,
    decoding: 61_800,
    'slow input': 72_100,
  };
  assert.equal(
    lines({ proof: { ...FIGURES.proof, wantedMean: 20, givenUpMs } })[2],
    '  idle slots on average: 7.0 waiting for input, 6.0 decoding answers, 5.0 back-off, ' +
      '4.0 slowed down for an origin, 3.0 rate limit per origin, 2.0 rate limit, 1.0 limit per origin',
  );
});

test('a run of few requests, or of a moment, is not judged', () => {
  const tooShort = 'in flight: max 100; the run is too short to judge its concurrency';
  assert.equal(lines({ results: 9 })[1], tooShort);
  assert.equal(lines({ wallMs: 99 })[1], tooShort);
  assert.match(lines({ results: 9 })[2]!, /^statuses: /);
  assert.match(lines({ results: 10, wallMs: 100 })[1]!, /mean 98\.2 of 99\.9 wanted/);
});

test('control characters of a server or an input do nothing to the terminal', () => {
  const example = { url: 'https://a.test/', text: 'it begins with "\u001b[2J\u0007\u009b1m\n"' };
  const text = lines({ failures: [{ code: 'bad-header', count: 1, origins: [], example }] }).join('|');
  assert.ok(text.includes('it begins with "\\u001b[2J\\u0007\ufffd1m\\n"'), text);
});

test('a busy client is named as the bottleneck, one that was done before is told', () => {
  const busy = lines({ proof: { ...FIGURES.proof, loopBusy: 0.95 }, doneBefore: 5 });
  assert.match(
    busy.join('\n'),
    /this client was the bottleneck \(busy 95\.0% of the time\): in flight is an upper bound/,
  );
  assert.match(busy[0]!, /5 were done before/);
});

test('nothing at all is no division by zero', () => {
  assert.deepEqual(
    lines({ results: 0, failed: 0, wallMs: 0, statuses: new Map(), failures: [], slowest: [] }).slice(0, 1),
    ['0 GETs in 0.0 ms, none failed'],
  );
});

test('numbers are for people', () => {
  assert.deepEqual([0.44, 9.96, 87.2, 99.6, 267, 996, 3210, 12_345, 245_000, 7_380_000].map(duration), [
    '0.4 ms',
    '10 ms',
    '87 ms',
    '0.1 s',
    '0.27 s',
    '1.0 s',
    '3.2 s',
    '12.3 s',
    '4 min 05 s',
    '2 h 03 min',
  ]);
  assert.equal(count(1_234_567), '1,234,567');
  assert.equal(share(0.1234), '12.3%');
});

test('progress has a bar where the total is known, and the time left', () => {
  const figures = { done: 500, failed: 1, inFlight: 100, total: 1000, isEstimate: false };
  assert.equal(
    progressText(figures, 5000),
    '██████████░░░░░░░░░░ 500 of 1,000 · 100/s · 100 in flight · 1 failed · 5 s left',
  );
  assert.match(progressText({ ...figures, isEstimate: true }, 5000), / 500 of about 1,000 · /);
  assert.equal(
    progressText({ ...figures, total: null }, 5000),
    '500 done · 100/s · 100 in flight · 1 failed',
  );
});

test('without a terminal there is a plain line every 30 s, and none at all with none', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const stop = showProgress(
    'line',
    () => ({ done: 1, failed: 0, inFlight: 2, total: null, isEstimate: true }),
    stream,
  );
  context.mock.timers.tick(29_999);
  assert.equal(written.length, 0);
  context.mock.timers.tick(30_001);
  assert.equal(written.length, 2);
  assert.match(written[0]!, /^1 done · .*\n$/);
  stop();
  showProgress('none', () => assert.fail('not asked'), stream)();
  context.mock.timers.tick(60_000);
  assert.equal(written.length, 2);
});
