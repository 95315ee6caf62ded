import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CURVE_STEPS,
  type Curve,
  changeBeside,
  curvesOf,
  levelAt,
  levelsAt,
  meanOf,
  mostOf,
  withDeclared,
} from '../../../src/page/model/curves.ts';
import { foldCurve } from '../../../src/page/model/folded-curve.ts';
import { plainSegments } from '../../../src/page/model/what-if.ts';
import { busyUsOf, CASES, laid, timesOfExchanges } from './runs.ts';

describe('the curves of the funnel', () => {
  it('have the levels of the verdict as their means, for every trace of a case that is judged as a whole', async () => {
    let compared = 0;
    for (const name of CASES) {
      const { recording, verdict, segments } = await laid(name);
      if (verdict.replay === null || verdict.replay.of !== null || verdict.recorders.length === 0) continue;
      const seen = curvesOf(segments);
      const isSeen = recording.exchange.some(({ wantedUs }) => wantedUs !== undefined);
      const curves = isSeen ? seen : withDeclared(seen, verdict.wanted ?? 0);
      const busyUs = busyUsOf(curves.wanted);
      for (const step of CURVE_STEPS) {
        const level = verdict.funnel[step];
        if (level === null) continue;
        const mean = curves[step].areaUs.at(-1)! / busyUs;
        assert.ok(
          Math.abs(mean - level) < 0.02 + 0.1 * verdict.funnel.wanted!,
          `${name}: ${step} ${mean.toFixed(2)}, not ${level}`,
        );
        compared++;
      }
    }
    assert.ok(compared > 200, `${compared} levels`);
  });

  // Two wanted at 0; the second waits for a slot until 30, and its thread until 40. Both are sent at 10 and 40.
  const { segments } = timesOfExchanges([
    { wanted: 0, dispatched: 0, connected: 10, sent: 10, answered: 20, end: 30 },
    { wanted: 0, dispatched: 30, connected: 30, sent: 40, answered: 60, end: 70 },
  ]);
  const curves = curvesOf(segments);

  it('tell how many had reached a step, and were not read', () => {
    assert.deepEqual(
      [0, 9, 10, 29, 30, 40, 70].map((us) => Object.values(levelsAt(curves, us))),
      [
        [2, 1, 0, 0],
        [2, 1, 0, 0],
        [2, 1, 1, 1],
        [2, 1, 1, 1],
        [1, 1, 1, 0],
        [1, 1, 1, 1],
        [0, 0, 0, 0],
      ],
    );
    assert.equal(levelAt(curves.wanted, -1), 0);
    assert.equal(mostOf(curves.wanted), 2);
  });

  it('say when the next change is, and the one before', () => {
    assert.deepEqual(
      [0, 10, 30, 40, 70].map((us) => changeBeside(curves, us, 1)),
      [10, 30, 40, 70, 70],
    );
    assert.deepEqual(
      [70, 40, 30, 10, 0].map((us) => changeBeside(curves, us, -1)),
      [40, 30, 10, 0, 0],
    );
  });

  it('fold to pixels with their mean and their extremes', () => {
    const folded = foldCurve(curves.sent, Float64Array.of(-20, 0, 20, 40, 60, 80));
    assert.deepEqual([...folded.mean], [0, 0.5, 0.5, 1, 0.5]);
    assert.deepEqual([...folded.low], [0, 0, 0, 1, 0]);
    assert.deepEqual([...folded.high], [0, 1, 1, 1, 1]);
  });

  it('lose no peak and no time, however many changes are in a pixel', () => {
    const exchanges = Array.from({ length: 10_000 }, (_, index) => {
      const wanted = index * 7;
      const end = wanted + (index === 5_000 ? 50_000 : 5);
      return { wanted, dispatched: wanted, connected: wanted, sent: wanted, answered: end, end };
    });
    const { sent } = curvesOf(timesOfExchanges(exchanges).segments);
    const edges = Float64Array.from({ length: 101 }, (_, x) => x * 900);
    const { mean, high } = foldCurve(sent, edges);
    const area = mean.reduce((sum, level) => sum + level * 900, 0);
    assert.ok(Math.abs(area - sent.areaUs.at(-1)!) < 1e-3 * area);
    assert.equal(Math.max(...high), 2);
    const [peak] = [...high.keys()].filter((x) => high[x] === 2);
    assert.ok(edges[peak!]! <= 35_000 && edges[peak! + 1]! > 35_000);
    assert.equal(meanOf(sent, 0, 90_000), sent.areaUs.at(-1)! / 90_000);
  });

  it('are empty where nothing was wanted', () => {
    const none: Curve = curvesOf(plainSegments(timesOfExchanges([]).times)).wanted;
    assert.deepEqual([none.times.length, levelAt(none, 5), mostOf(none)], [0, 0, 0]);
    assert.deepEqual([...foldCurve(none, Float64Array.of(0, 10)).mean], [0]);
  });
});
