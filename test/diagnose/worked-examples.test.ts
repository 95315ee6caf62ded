import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect, noEvidence } from '../../src/diagnose/index.ts';
import type { Block, Exchange } from '../../src/trace/index.ts';
import { exchange, fromOutside, judged, many } from './example.ts';

/** Sent one by one though all were wanted at once, a second each: the shape of blocking sockets under gevent. */
const famous = (count: number) =>
  many(count, (index) => exchange({ wanted: 0, sent: index * 1_000, read: (index + 1) * 1_000 }));

const atOnce = (count: number, from: number, given: Partial<Exchange> = {}) =>
  many(count, () => exchange({ wanted: from, read: from + 100 }, given));

const staircase = many(20, (index) => exchange({ wanted: 0, read: (index + 1) * 50 }));

describe('the verdict of a run', () => {
  it('of 3 in series is serial, wanted', () => {
    const verdict = judged(many(3, (index) => exchange({ wanted: index * 100, read: (index + 1) * 100 })));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['serial', 'wanted', 3]);
    assert.match(
      verdict.verdict,
      /^serial: 3 requests, each wanted after the last was read; took 0\.3 s, 0\.1 s possible \(3\.0x\) if no URL/,
    );
  });

  it('of 10 in series with 0.2 s of work between each two could be 1.9 s: the work stays to be done', () => {
    const verdict = judged(many(10, (index) => exchange({ wanted: 300 * index, read: 300 * index + 100 })));
    assert.deepEqual(
      [verdict.overlap, verdict.step, verdict.wallMs, verdict.possibleWallMs],
      ['serial', 'wanted', 2_800, 1_900],
    );
  });

  it('of 20 at once is abreast, none', () => {
    const verdict = judged(atOnce(20, 0));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['concurrent', 'none', 1]);
    assert.deepEqual(verdict.inFlight, { mean: 20, max: 20 });
    assert.equal(verdict.verdict, 'concurrent: 20 wanted at once, 20.0 in flight on average; took 0.1 s');
    assert.deepEqual(verdict.causes, []);
  });

  it('of 20 wanted at once and sent one by one has the levels 10.5, 10.5, 10.5, 1.0', () => {
    const verdict = judged(famous(20));
    assert.deepEqual(verdict.funnel, { wanted: 10.5, dispatched: 10.5, connected: 10.5, sent: 1 });
  });

  it('of 2 at a time of 6 wanted together is partly, dispatched, factor 3', () => {
    const verdict = judged(
      many(6, (index) => {
        const from = Math.floor(index / 2) * 1_000;
        return exchange({ wanted: 0, dispatched: from, read: from + 1_000 });
      }),
    );
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['partly', 'dispatched', 3]);
    assert.deepEqual([verdict.wanted, verdict.inFlight], [6, { mean: 2, max: 2 }]);
    assert.equal(
      verdict.verdict,
      'partly: 6 wanted at once, 2.0 in flight on average; took 3.0 s, 1.0 s possible (3.0x)',
    );
  });

  it('of a login, then 20 at once is abreast, none, and the login is its own line', () => {
    const stack = [
      { kind: 'stack', id: 1, frames: [{ file: '/app/report.py', line: 10 }] },
      { kind: 'stack', id: 2, frames: [{ file: '/app/report.py', line: 31 }] },
    ] as const;
    const exchanges = [exchange({ wanted: 0, read: 100 }, { stack: 1 }), ...atOnce(20, 100, { stack: 2 })];
    const evidence = { ...noEvidence(), stack: [...stack] };
    const verdict = judged(exchanges, { evidence });
    assert.deepEqual([verdict.overlap, verdict.step], ['concurrent', 'none']);
    const lines = verdict.groups
      .filter(({ at }) => at !== null)
      .map(({ at, overlap, requests }) => ({ at, overlap, requests }));
    assert.deepEqual(lines, [
      { at: '/app/report.py:31', overlap: 'concurrent', requests: 20 },
      { at: '/app/report.py:10', overlap: 'unknown', requests: 1 },
    ]);
  });

  it('of one straggler of 100 is abreast, none', () => {
    const verdict = judged(many(100, (index) => exchange({ wanted: 0, read: index === 40 ? 5_000 : 100 })));
    assert.deepEqual([verdict.overlap, verdict.step], ['concurrent', 'none']);
  });

  it('of a staircase of 20 is partly, answered: if the server had taken them at once, the time of the first', () => {
    const verdict = judged(staircase);
    assert.deepEqual(
      [verdict.overlap, verdict.step, verdict.possibleWallMs, verdict.factor],
      ['partly', 'answered', 50, 20],
    );
    assert.match(verdict.facts.join(' '), /Possible only.*A run with one request at a time decides/);
  });

  it('of the famous one, 10, is serial, sent, factor 10', () => {
    const verdict = judged(famous(10));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['serial', 'sent', 10]);
    assert.equal(
      verdict.verdict,
      'serial: 10 wanted at once, 1.0 in flight on average; took 10.0 s, 1.0 s possible (10x)',
    );
    assert.deepEqual(
      verdict.causes.map(({ id, share }) => ({ id, share })),
      [{ id: 'unexplained', share: 0.9 }],
    );
  });

  it('of a look-up that stalls 5 s, then 20 at once, is partly, connected', () => {
    const verdict = judged(
      many(20, () => exchange({ wanted: 0, dispatched: 0, connected: 5_000, read: 5_100 })),
    );
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['partly', 'connected', 51]);
  });

  it('of 100 answers of 0.2 ms at 0.4 ms of client CPU each is abreast, none, without blame', () => {
    const verdict = judged(
      many(100, (index) => exchange({ wanted: index * 0.4, read: index * 0.4 + 0.2 })),
      { clientCpuUs: 100 * 400 },
    );
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['concurrent', 'none', []]);
    assert.match(verdict.verdict, /^concurrent, as far as the CPU of this client allows: 100 requests/);
    assert.match(verdict.facts.join(' '), /the CPU of the client is the limit/i);
  });
});

describe('where nobody saw what was asked', () => {
  it('serial is still serial, wanted', () => {
    const verdict = judged(
      many(5, (index) => fromOutside(exchange({ wanted: index * 100, read: (index + 1) * 100 }))),
    );
    assert.deepEqual(
      [verdict.overlap, verdict.step, verdict.wanted, verdict.funnel.wanted],
      ['serial', 'wanted', null, null],
    );
  });

  it('connections that stand unused while one is at work say more: serial, sent', () => {
    const verdict = judged(famous(10).map(fromOutside));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.wanted], ['serial', 'sent', null]);
  });

  it('0.7 of all in the mean is abreast', () => {
    assert.equal(judged(atOnce(20, 0).map(fromOutside)).overlap, 'concurrent');
  });

  it('anything else is unknown, with its facts and what would tell', () => {
    const twoByTwo = many(10, (index) =>
      fromOutside(exchange({ wanted: 100 * (index >> 1), read: 100 * (index >> 1) + 100 })),
    );
    const verdict = judged(twoByTwo);
    assert.deepEqual(
      [verdict.overlap, verdict.step, verdict.possibleWallMs, verdict.causes],
      ['unknown', 'none', null, []],
    );
    assert.match(verdict.verdict, /--wanted N/);
    assert.match(verdict.facts[0]!, /^10 exchanges in 0\.5 s: 2\.0 in flight in the mean, 2 at most/);
    const declared = judged(twoByTwo, { wanted: 10 });
    assert.deepEqual([declared.overlap, declared.wanted, declared.factor], ['partly', 10, 5]);
  });
});

describe('nothing to judge', () => {
  it('one exchange is unknown', () => {
    assert.equal(judged(atOnce(1, 0)).verdict, 'unknown: one request has nothing to overlap with');
  });

  it('none is unknown', () => {
    assert.equal(judged([]).verdict, 'unknown: no request was seen');
  });

  it('requests that went over HTTP/2 and only system calls were seen are unknown', () => {
    const evidence = noEvidence();
    collect(evidence, { kind: 'connection', id: 1, origin: 'https://example.com', protocol: 'h2' });
    const verdict = judged([], { evidence });
    assert.equal(verdict.overlap, 'unknown');
    assert.match(
      verdict.facts.join(' '),
      /1 connection \(https:\/\/example\.com\) carried HTTP\/2 or something unknown: from outside such requests can't be told apart/,
    );
    assert.deepEqual(judged(atOnce(20, 0), { evidence }).facts, []);
  });

  it('requests that never were sent are unknown, however fast they failed', () => {
    const refused = many(20, () => ({
      ...exchange({ wanted: 0, read: 1 }),
      connectedUs: null,
      sentUs: null,
      answeredUs: null,
      readUs: null,
      failedUs: 1_000,
      error: 'connect-refused',
    }));
    const verdict = judged(refused);
    assert.equal(
      verdict.verdict,
      '20 of 20 failed: the connection was refused (https://example.com); unknown: no request was ever sent',
    );
    assert.match(verdict.facts.join(' '), /20 of 20 were never sent.*fails fast is not fast/);
  });
});

describe('a queue at the server', () => {
  it('is seen when it serves a few at a time', () => {
    const verdict = judged(
      many(20, (index) => exchange({ wanted: index * 0.1, read: 200 * (1 + (index >> 1)) + (index % 3) })),
    );
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'answered']);
  });

  it('is seen behind a lock that is given in any order', () => {
    const order = [4, 0, 9, 2, 7, 1, 8, 3, 6, 5];
    const verdict = judged(
      many(10, (index) => exchange({ wanted: 0, sent: index / 10, read: (order[index]! + 1) * 200 })),
    );
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'answered']);
  });

  it('is not blamed for what a limit of the program held back', () => {
    const limited = many(40, (index) =>
      exchange({ wanted: 0, dispatched: Math.max(0, index - 4) * 50, read: (index + 1) * 50 }),
    );
    const verdict = judged(limited);
    assert.deepEqual([verdict.overlap, verdict.step], ['partly', 'dispatched']);
  });

  it('is not seen where the client itself was busy nearly all the time', () => {
    assert.equal(judged(staircase, { clientCpuUs: 950_000 }).overlap, 'concurrent');
  });

  const alone = (ms: number) => many(3, (index) => exchange({ wanted: index * 500, read: index * 500 + ms }));

  it('is seen in any order and rhythm where some that went alone were answered much sooner', () => {
    const order = [4, 0, 9, 2, 7, 1, 8, 3, 6, 5];
    const crowd = many(10, (index) => {
      const place = order[index]!;
      return exchange({ wanted: 2_000 + index / 10, read: 2_000 + (place + 1) * 200 + (place % 2) * 120 });
    });
    assert.equal(judged([...alone(200), ...crowd]).step, 'answered');
    assert.equal(judged([...alone(700), ...crowd]).step, 'none');
  });

  it('is not seen where a crowd is slower than one alone, but answered together', () => {
    const crowd = many(20, (index) => exchange({ wanted: 2_000, read: 2_900 + index * 10 }));
    assert.equal(judged([...alone(100), ...crowd]).step, 'none');
  });

  it('is not seen where half of the answers come at once and half later', () => {
    const halves = many(20, (index) => exchange({ wanted: index, read: (index < 10 ? 50 : 1_000) + index }));
    assert.equal(judged(halves).step, 'none');
  });

  it('is not seen in one short wait among spaced ones', () => {
    const spaced = many(20, (index) =>
      exchange({ wanted: index * 50, read: index * 50 + (index === 10 ? 100 : 500) }),
    );
    assert.equal(judged(spaced).step, 'none');
  });

  it('is not seen in latencies of any size, all in flight', () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    for (let run = 0; run < 200; run++) {
      const apart = run % 2;
      const verdict = judged(
        many(20, (index) => exchange({ wanted: index * apart, read: 50 + 950 * random() })),
      );
      assert.equal(verdict.overlap, 'concurrent');
    }
  });

  it('is not seen where a slow server takes all at once, or where a rate limit spaces them', () => {
    assert.equal(
      judged(many(20, (index) => exchange({ wanted: index / 10, read: 2_000 + index / 10 }))).overlap,
      'concurrent',
    );
    assert.equal(
      judged(many(20, (index) => exchange({ wanted: index * 50, read: index * 50 + 500 }))).step,
      'none',
    );
  });
});

describe('the headline', () => {
  const at = (ms: number) => (index: number) =>
    exchange({ wanted: ms + index * 100, read: ms + (index + 1) * 100 }, { origin: 'https://slow.example' });

  it('is of the part that lost the most time', () => {
    const verdict = judged([...many(20, at(100)), ...atOnce(100, 0)]);
    assert.deepEqual([verdict.overlap, verdict.step, verdict.requests], ['serial', 'wanted', 20]);
    assert.equal(verdict.facts[0], 'This is of 20 of 120 exchanges, those with https://slow.example.');
    assert.equal(verdict.groups.length, 2);
  });

  it('stays with the whole where parts are serial side by side', () => {
    const sites = many(400, (index) => {
      const turn = Math.floor(index / 20) * 100;
      return exchange({ wanted: turn, read: turn + 100 }, { origin: `https://site${index % 20}.example` });
    });
    const verdict = judged(sites);
    assert.deepEqual([verdict.overlap, verdict.requests, verdict.inFlight.mean], ['concurrent', 400, 20]);
    assert.equal(verdict.groups.length, 20);
    assert.ok(verdict.groups.every(({ overlap }) => overlap === 'serial'));
  });
});

describe('the borders between the words', () => {
  it('a client that needs less time for a request than the server is no limit', () => {
    const inSeries = many(3, (index) => exchange({ wanted: index * 100, read: (index + 1) * 100 }));
    assert.equal(judged(inSeries, { clientCpuUs: 3 * 90_000 }).overlap, 'serial');
    assert.equal(judged(inSeries, { clientCpuUs: 3 * 110_000 }).overlap, 'concurrent');
  });

  const chain = (overlapMs: number) =>
    many(10, (index) =>
      exchange({ wanted: index * (100 - overlapMs), read: index * (100 - overlapMs) + 100 }),
    );

  it('an exchange that shares less than a tenth of its time is serial', () => {
    assert.equal(judged(chain(4)).overlap, 'serial');
    assert.equal(judged(chain(20)).overlap, 'concurrent');
  });

  it('serial is nine of ten', () => {
    const inSeries = (index: number) => {
      const from = index < 8 ? index * 100 : (index + 1) * 100;
      return exchange({ wanted: from, read: from + 100 });
    };
    const twins = (count: number) => many(count, () => exchange({ wanted: 800, read: 900 }));
    assert.equal(judged([...many(18, inSeries), ...twins(2)]).overlap, 'serial');
    assert.notEqual(judged([...many(17, inSeries), ...twins(3)]).overlap, 'serial');
  });

  it('one that is let go late makes a run partly, though nearly all were in flight', () => {
    const verdict = judged(
      many(10, (index) =>
        exchange({ wanted: 0, dispatched: index === 9 ? 900 : 0, read: index === 9 ? 1_900 : 1_000 }),
      ),
    );
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['partly', 'dispatched', 1.9]);
  });

  it('a queue of short ones beside a long one is partly, though the run could not be shorter', () => {
    const short = many(9, (index) =>
      exchange({ wanted: 0, dispatched: index * 100, read: index * 100 + 100 }),
    );
    const verdict = judged([...short, exchange({ wanted: 0, read: 1_000 })]);
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['partly', 'dispatched', 1]);
  });

  it('the same is a slow start where CPUs are short', () => {
    const short = many(9, (index) =>
      exchange({ wanted: 0, dispatched: index * 100, read: index * 100 + 100 }),
    );
    const starved = {
      ...noEvidence(),
      process: [{ kind: 'process' as const, pid: 7, runQueueUs: 900_000 }],
    };
    const verdict = judged([...short, exchange({ wanted: 0, read: 1_000 })], { evidence: starved });
    assert.deepEqual([verdict.overlap, verdict.step, verdict.causes], ['concurrent', 'none', []]);
  });
});

describe('what is counted', () => {
  it('retries and redirects are exchanges, and no requests', () => {
    const because = ['first', 'retry', 'first', 'redirect', 'page'] as const;
    const verdict = judged(
      many(5, (index) => exchange({ wanted: 0, read: 10 }, { because: because[index]! })),
    );
    assert.deepEqual([verdict.requests, verdict.exchanges], [3, 5]);
  });

  it('origins beyond ten thousand are judged together', () => {
    const verdict = judged(
      many(10_500, (index) => exchange({ wanted: 0, read: 100 }, { origin: `https://h${index}.example` })),
    );
    assert.deepEqual([verdict.exchanges, verdict.groups.length], [10_500, 20]);
    assert.deepEqual(verdict.facts, ['9980 more origins and lines are not shown.']);
  });

  it('evidence beyond what causes need is dropped and counted', () => {
    const evidence = noEvidence();
    for (let index = 0; index < 100_002; index++) collect(evidence, { kind: 'note', atUs: 0, text: 'x' });
    assert.deepEqual([evidence.note.length, evidence.dropped], [100_000, 2]);
  });
});

describe('a thread that one exchange held while others were handed over', () => {
  const tasks = many(10, (index) =>
    exchange(
      { wanted: 0, dispatched: index * 1_000, read: (index + 1) * 1_000 },
      { calledUs: index * 1_000_000, pid: 1, thread: 7 },
    ),
  );
  const block = (given: Partial<Block>) =>
    many<Block>(10, (index) => ({
      kind: 'block',
      pid: 1,
      thread: 7,
      fromUs: index * 1e6,
      toUs: (index + 1) * 1e6,
      wait: { kind: 'read', call: 'read', descriptors: 1 },
      ...given,
    }));

  it('is a blocked thread: serial, sent', () => {
    const verdict = judged(tasks, { evidence: { ...noEvidence(), block: block({}) } });
    assert.deepEqual([verdict.overlap, verdict.step], ['serial', 'sent']);
    assert.deepEqual(verdict.funnel, { wanted: 5.5, dispatched: 5.5, connected: 5.5, sent: 1 });
  });

  for (const [what, given] of [
    ['waits for many descriptors', { wait: { kind: 'poll', call: 'poll', descriptors: 2 } }],
    ['waits in its loop', { wait: { kind: 'poll', call: 'epoll_wait', descriptors: 1 } }],
    ['is another thread', { thread: 8 }],
  ] as const) {
    it(`is a limit where it ${what}: serial, dispatched`, () => {
      const verdict = judged(tasks, { evidence: { ...noEvidence(), block: block(given) } });
      assert.deepEqual([verdict.overlap, verdict.step], ['serial', 'dispatched']);
    });
  }
});
