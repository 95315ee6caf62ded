import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { timesOf, waitsOf } from '../../src/diagnose/index.ts';
import type { Exchange } from '../../src/trace/index.ts';
import { exchange, fromOutside, judged, many } from './example.ts';

const wait = fc.integer({ min: 0, max: 1_000 });

/** Any exchange: some steps never passed, some not seen, some recorded out of order. */
const anyExchange: fc.Arbitrary<Exchange> = fc
  .record({
    waits: fc.tuple(wait, wait, wait, wait, wait, wait),
    passed: fc.integer({ min: 1, max: 6 }),
    hidden: fc.subarray(['dispatchedUs', 'connectedUs', 'sentUs', 'answeredUs'] as const),
    skewUs: fc.integer({ min: -2_000, max: 2_000 }),
    origin: fc.constantFrom('https://a.example', 'https://b.example'),
    failed: fc.boolean(),
  })
  .map(({ waits, passed, hidden, skewUs, origin, failed }) => {
    const names = ['wantedUs', 'dispatchedUs', 'connectedUs', 'sentUs', 'answeredUs', 'readUs'] as const;
    let now = 0;
    const steps: Record<string, number | null> = {};
    names.forEach((name, index) => {
      now += waits[index]! * 100;
      steps[name] = index < passed ? now : null;
    });
    if (typeof steps.sentUs === 'number') steps.sentUs = Math.max(0, steps.sentUs + skewUs);
    for (const name of hidden) delete steps[name];
    const ended = steps.readUs === null && failed ? { failedUs: now, error: 'reset' } : {};
    return { kind: 'exchange', id: 0, origin, ...steps, ...ended } as Exchange;
  });

describe('any exchange', () => {
  it("'s steps add up to its end - wanted, and none is negative", () => {
    fc.assert(
      fc.property(anyExchange, (one) => {
        const times = timesOf(one)!;
        const waits = Object.values(waitsOf(times, 700_000));
        const end = times.end === Infinity ? Math.max(700_000, times.wanted) : times.end;
        assert.ok(waits.every((us) => us >= 0));
        assert.equal(
          waits.reduce((sum, us) => sum + us, 0),
          end - times.wanted,
        );
      }),
    );
  });

  it('alone is never serial', () => {
    fc.assert(fc.property(anyExchange, (one) => judged([one]).overlap === 'unknown'));
  });

  it('passes its steps in order', () => {
    fc.assert(
      fc.property(anyExchange, (one) => {
        const { wanted, dispatched, connected, sent, answered } = timesOf(one)!;
        const order = [wanted, dispatched, connected, sent, answered];
        assert.deepEqual(
          order,
          order.toSorted((a, b) => (a === b ? 0 : a - b)),
        );
      }),
    );
  });
});

describe('any exchanges', () => {
  it('are judged the same in any order of their records', () => {
    const shuffled = fc
      .array(anyExchange, { minLength: 1, maxLength: 40 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([all, mixed]) => {
        const byOrigin = ({ groups, ...verdict }: ReturnType<typeof judged>) => ({
          ...verdict,
          groups: groups.toSorted((a, b) => (a.origin! < b.origin! ? -1 : 1)),
        });
        assert.deepEqual(byOrigin(judged(mixed)), byOrigin(judged(all)));
      }),
    );
  });

  it('have levels that fall from step to step, and no more in flight than exchanges', () => {
    fc.assert(
      fc.property(fc.array(anyExchange, { minLength: 1, maxLength: 40 }), (all) => {
        const { funnel, inFlight, exchanges } = judged(all);
        const levels = [funnel.wanted, funnel.dispatched, funnel.connected, funnel.sent].filter(
          (level) => level !== null,
        );
        for (let at = 1; at < levels.length; at++)
          assert.ok(levels[at]! <= levels[at - 1]! + 0.01, `${levels}`);
        assert.ok(inFlight.max <= exchanges && inFlight.mean <= inFlight.max + 0.01);
      }),
    );
  });

  it('could never have taken longer than they took', () => {
    fc.assert(
      fc.property(
        fc.array(anyExchange, { minLength: 1, maxLength: 40 }),
        fc.option(fc.integer({ min: 1, max: 50 })),
        (all, wanted) => {
          const { wallMs, possibleWallMs } = judged(all, wanted === null ? {} : { wanted });
          if (wanted === null) assert.ok(possibleWallMs === null || possibleWallMs <= wallMs + 0.01);
        },
      ),
    );
  });

  it('that touch in one instant do not overlap', () => {
    const durations = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(durations, fc.boolean(), (times, outside) => {
        let now = 0;
        const chain = times.map((ms) => {
          const one = exchange({ wanted: now, read: now + ms });
          now += ms;
          return outside ? fromOutside(one) : one;
        });
        const verdict = judged(chain);
        assert.deepEqual(
          [verdict.overlap, verdict.step, verdict.inFlight],
          ['serial', 'wanted', { mean: 1, max: 1 }],
        );
      }),
    );
  });

  it('of no length at all are counted and overlap with nothing', () => {
    const verdict = judged(many(5, () => exchange({ wanted: 1, read: 1 })));
    assert.deepEqual([verdict.exchanges, verdict.inFlight.max], [5, 1]);
  });
});
