import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noEvidence, type Question } from '../../../src/diagnose/index.ts';
import { curvesOf, mostOf } from '../../../src/page/model/curves.ts';
import { limitsOf } from '../../../src/page/model/limits.ts';
import {
  type Asked,
  askedOf,
  stopsUpTo,
  verdictsQuestion,
  whatIf,
  withLimit,
} from '../../../src/page/model/what-if.ts';
import type { Exchange } from '../../../src/trace/index.ts';
import { busyUsOf, CASES, laid, type Steps, timesOfExchanges } from './runs.ts';

const AS_IT_WAS: Question = { lifted: [], atOnce: null, betweenUs: 0 };

describe('what if', () => {
  it('is asked of every trace of a case: nothing, and all is as it was; what the verdict asked, and the time is its possible time; more at once, or a limit less, and it takes no longer', async () => {
    let compared = 0;
    for (const name of CASES) {
      const { recording, times, segments, verdict } = await laid(name);
      const asked = askedOf(recording, times, segments, verdict.replay?.of ?? null);
      const wall = (question: Question): number => whatIf(asked, question).wallUs;

      const asItWas = whatIf(asked, AS_IT_WAS);
      assert.equal(Math.round(asItWas.wallUs), Math.round(asked.wallUs), name);
      for (const at of asked.members)
        for (const step of ['wanted', 'sent', 'end'] as const)
          assert.ok(Math.abs(asItWas.times[step][at]! - times[step][at]!) < 1, `${name}: ${step} of ${at}`);

      if (verdict.replay !== null) {
        const possibleMs = wall(verdictsQuestion(verdict)) / 1e3;
        const differs = Math.abs(possibleMs - verdict.possibleWallMs!);
        assert.ok(differs < 0.05, `${name}: ${possibleMs} ms, not ${verdict.possibleWallMs}`);
        compared++;
      }

      const unlimited = { ...verdictsQuestion(verdict), atOnce: null };
      const [one, four, all] = [1, 4, null].map((atOnce) => wall({ ...unlimited, atOnce }));
      assert.ok(one! >= four! * 0.999 && four! >= all! * 0.999, `${name}: ${one} ${four} ${all}`);
      for (const { step } of limitsOf(asked, verdict))
        assert.ok(wall(withLimit(asked, AS_IT_WAS, step, true)) <= asked.wallUs * 1.001, `${name}: ${step}`);
    }
    assert.ok(compared > CASES.length / 2, `${compared} of ${CASES.length}`);
  });

  it('n may run at once, never more than n are under way', async () => {
    const { recording, times, segments, verdict } = await laid('py-full-queue.slow.jsonl.zst');
    const asked = askedOf(recording, times, segments, null);
    for (const atOnce of [1, 3, 7]) {
      const { segments: again } = whatIf(asked, { ...verdictsQuestion(verdict), atOnce });
      assert.equal(mostOf(curvesOf(again).sent), atOnce);
    }
  });

  /** Ten of 100 ms, one after another, with 20 ms of other work between two. */
  const inTurn = () =>
    askedOfSteps(Array.from({ length: 10 }, (_, index) => steps(120 * index, 120 * index, 100)));

  it('the caller waits for nothing, all are wanted at once, and the rest of its work remains', () => {
    const asked = inTurn();
    const question = withLimit(asked, AS_IT_WAS, 'wanted', true);
    assert.deepEqual([asked.wallUs, asked.betweenUs], [1180, 180]);
    const wall = (atOnce: number | null) => whatIf(asked, { ...question, atOnce }).wallUs;
    assert.deepEqual([wall(null), wall(5), wall(1)], [280, 380, 1180]);
    assert.deepEqual(withLimit(asked, question, 'wanted', false), AS_IT_WAS);
  });

  it('a limit of two goes, all begin at once; and the exchanges say so', () => {
    const asked = askedOfSteps(Array.from({ length: 6 }, (_, index) => steps(0, 100 * (index >> 1), 100)));
    const { wallUs, times, segments } = whatIf(asked, { ...AS_IT_WAS, lifted: ['dispatched'] });
    assert.equal(wallUs, 100);
    assert.deepEqual([...times.sent], [0, 0, 0, 0, 0, 0]);
    assert.equal(busyUsOf(curvesOf(segments).sent), 100);
    assert.equal(whatIf(asked, { ...AS_IT_WAS, lifted: ['dispatched'], atOnce: 3 }).wallUs, 200);
  });

  it('a part is asked about, the other exchanges stay as they were', () => {
    const all = [steps(0, 0, 50), steps(0, 500, 100), steps(600, 900, 100)];
    const origins = ['http://a', 'http://b', 'http://b'];
    const asked = askedOfSteps(all, origins, {
      origin: 'http://b',
      at: null,
      fromUs: null,
      untilUs: null,
      except: [],
    });
    const { wallUs, times } = whatIf(asked, { ...AS_IT_WAS, lifted: ['dispatched'] });
    assert.deepEqual([...asked.members], [1, 2]);
    assert.deepEqual([asked.wallUs, wallUs, ...times.sent], [1000, 700, 0, 0, 600]);
  });

  it('names the limits that were found, with their causes', async () => {
    const { recording, times, segments, verdict } = await laid('py27-grequests-pyopenssl.slow.jsonl.zst');
    const limits = limitsOf(askedOf(recording, times, segments, null), verdict);
    assert.deepEqual(limits.find(({ step }) => step === 'sent')?.causes, ['gevent-blocking-wait']);
  });

  it('offers every number of requests at once up to 20, and the most', () => {
    assert.deepEqual(stopsUpTo(1), [1]);
    assert.deepEqual(stopsUpTo(3), [1, 2, 3]);
    const stops = stopsUpTo(10_000);
    assert.deepEqual(
      stops.slice(0, 20),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    assert.ok(stops.length < 80 && stops.at(-1) === 10_000);
  });
});

function steps(wanted: number, sent: number, ownUs: number): Steps {
  return { wanted, dispatched: sent, connected: sent, sent, answered: sent + ownUs, end: sent + ownUs };
}

function askedOfSteps(
  all: readonly Steps[],
  origins: readonly string[] = [],
  part: Parameters<typeof askedOf>[3] = null,
): Asked {
  const exchange: Exchange[] = all.map((one, id) => ({
    kind: 'exchange',
    id,
    unit: id,
    origin: origins[id] ?? 'http://a',
    wantedUs: one.wanted,
    dispatchedUs: one.dispatched,
    connectedUs: one.connected,
    sentUs: one.sent,
    answeredUs: one.answered,
    readUs: one.end,
  }));
  const { times, segments } = timesOfExchanges(all);
  const evidence = { ...noEvidence(), exchange };
  return askedOf({ exchange, evidence, endedUs: times.toUs }, times, segments, part);
}
