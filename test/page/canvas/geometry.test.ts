import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { barsOf, visitRow } from '../../../src/page/canvas/bars.ts';
import type { Palette } from '../../../src/page/canvas/coverage.ts';
import { FoldedPicture, wholePicture } from '../../../src/page/canvas/folded-picture.ts';
import { followed } from '../../../src/page/canvas/follow.ts';
import { hitOf } from '../../../src/page/canvas/hit.ts';
import { RowScale } from '../../../src/page/canvas/row-scale.ts';
import { momentText, ticksOf } from '../../../src/page/canvas/ticks.ts';
import { Fold, TimeScale, UNFOLDED } from '../../../src/page/canvas/time-scale.ts';
import { type RowMode, rowsOf } from '../../../src/page/model/rows.ts';
import { SEGMENT_KINDS, segmentsOf } from '../../../src/page/model/segments.ts';
import { timeColumns } from '../../../src/page/model/times.ts';
import { type Exchange, noEvidenceWith } from '../model/sources.ts';

const WHOLE = { fromUs: 0, toUs: 1_000_000 };
const gaps = [
  { fromUs: 100_000, toUs: 400_000 },
  { fromUs: 600_000, toUs: 900_000 },
];
const fold = new Fold(WHOLE, gaps);

describe('a time scale', () => {
  const moment = fc.integer({ min: 0, max: 1_000_000 });

  it('finds each moment again at its pixel, with gaps folded and without', () => {
    fc.assert(
      fc.property(moment, fc.constantFrom(UNFOLDED, fold), (us, folding) => {
        const scale = new TimeScale(WHOLE, 800, folding);
        assert.ok(Math.abs(scale.us(scale.x(us)) - us) < 1);
      }),
    );
  });

  it('keeps the moment under the pointer there when it zooms, and stays within the run', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 3, noNaN: true }),
        fc.integer({ min: 0, max: 800 }),
        (factor, x) => {
          const scale = new TimeScale({ fromUs: 300_000, toUs: 700_000 }, 800, fold);
          const range = scale.zoomed(factor, x, WHOLE);
          assert.ok(range.fromUs >= 0 && range.toUs <= 1_000_000 && range.fromUs < range.toUs);
          if (range.fromUs === 0 || range.toUs === 1_000_000) return;
          assert.ok(Math.abs(new TimeScale(range, 800, fold).x(scale.us(x)) - x) < 0.01);
        },
      ),
    );
  });

  it('stops at the beginning and at the end of the run when it pans', () => {
    const scale = new TimeScale({ fromUs: 200_000, toUs: 300_000 }, 100);
    assert.deepEqual(scale.panned(10, WHOLE), { fromUs: 210_000, toUs: 310_000 });
    assert.deepEqual(scale.panned(-1_000, WHOLE), { fromUs: 0, toUs: 100_000 });
    assert.deepEqual(scale.panned(10_000, WHOLE), { fromUs: 900_000, toUs: 1_000_000 });
  });

  it('folds gaps to a small part of the rest', () => {
    const scale = new TimeScale(WHOLE, 1_000, fold);
    for (const { fromUs, toUs } of gaps) assert.ok(scale.x(toUs) - scale.x(fromUs) < 30);
    assert.ok(scale.x(500_000) - scale.x(450_000) > 100);
  });
});

describe('an axis', () => {
  it('has marks at round times, that do not touch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 4_000_000_000 }),
        fc.integer({ min: 100, max: 4_000 }),
        (lengthUs, width) => {
          const scale = new TimeScale({ fromUs: 12_345, toUs: 12_345 + lengthUs }, width);
          const ticks = ticksOf(scale, { of: 'start', zeroUs: 12_345 }, 80);
          for (const [at, tick] of ticks.slice(1).entries()) assert.ok(tick.x - ticks[at]!.x >= 79);
          assert.equal(new Set(ticks.map(({ text }) => text)).size, ticks.length);
        },
      ),
    );
  });

  it('says the time from the start, or of day', () => {
    const start = { of: 'start', zeroUs: 0 } as const;
    assert.equal(momentText(1_250_000, start, 10_000), '1.25 s');
    assert.equal(momentText(250_000, start, 50_000), '250 ms');
    assert.equal(momentText(125_500_000, start, 500_000), '2:05.5');
    assert.equal(momentText(0, start, 1_000_000), '0 s');
    const day = { of: 'day', startedUs: Date.UTC(2026, 10, 29, 14, 2, 7) * 1_000 } as const;
    assert.equal(momentText(250_000, day, 50_000), '14:02:07.25');
  });
});

const palette: Palette = SEGMENT_KINDS.map((kind) => (kind === 'blocked' ? [255, 0, 0] : [0, 0, 255]));

function barsFor(exchanges: readonly Exchange[], mode: RowMode = 'exchange') {
  const source = noEvidenceWith(exchanges);
  const times = timeColumns(exchanges, 1_000_000);
  const order = Int32Array.from(exchanges.keys());
  return barsOf(rowsOf(mode, order, source, times), segmentsOf(source, times), UNFOLDED);
}

function waiting(id: number, fromUs: number, toUs: number): Exchange {
  return {
    kind: 'exchange',
    id,
    connection: id,
    origin: 'http://a.test',
    wantedUs: fromUs,
    sentUs: fromUs,
    readUs: toUs,
  };
}

function blocked(id: number, fromUs: number, toUs: number): Exchange {
  return { ...waiting(id, fromUs, toUs), connectedUs: fromUs, sentUs: toUs };
}

describe('folded rows', () => {
  it('show a short bar that lies under long ones', () => {
    const long = Array.from({ length: 9 }, (_, id) => waiting(id, 0, 1_000_000));
    const bars = barsFor([...long, blocked(9, 500_000, 510_000)]);
    const picture = wholePicture(bars, WHOLE, 100, 1, palette);
    picture.work(() => false);
    const red = (x: number) => picture.pixels[x]! & 0xff;
    assert.equal(red(20), 0);
    assert.ok(red(50) > 20, `a tenth of what is there: ${red(50)}`);
  });

  it('show a single short bar among many empty rows', () => {
    const bars = barsFor(Array.from({ length: 1_000 }, (_, id) => blocked(id, 500_000, 500_100)));
    const picture = wholePicture(bars, WHOLE, 100, 1, palette);
    picture.work(() => false);
    assert.ok(picture.pixels[50]! >>> 24 > 60);
    assert.equal(picture.pixels[49], 0);
  });

  it('are the same whether they were folded at once or line by line', () => {
    const exchanges = Array.from({ length: 500 }, (_, id) => blocked(id, id * 1_000, id * 1_000 + 30_000));
    const bars = barsFor(exchanges);
    const [atOnce, byLine] = [0, 1].map(() => wholePicture(bars, WHOLE, 200, 100, palette));
    atOnce!.work(() => false);
    let steps = 0;
    for (; !byLine!.isDone; steps++) byLine!.work(() => true);
    assert.ok(steps >= 100);
    assert.deepEqual(byLine!.pixels, atOnce!.pixels);
  });

  it('leave nothing of a picture whose pixels are used again', () => {
    const old = wholePicture(barsFor([waiting(0, 0, 1_000_000)]), WHOLE, 50, 20, palette);
    old.work(() => false);
    const bars = barsFor([blocked(0, 500_000, 600_000)]);
    const [fresh, again] = [undefined, old.pixels].map(
      (spare) => new FoldedPicture(bars, WHOLE, 50, new RowScale(1, 6, 0, 20), palette, spare),
    );
    for (const picture of [fresh!, again!]) picture.work(() => false);
    assert.equal(again!.pixels, old.pixels);
    assert.deepEqual(again!.pixels, fresh!.pixels);
  });

  it('cover as much as their bars do: half of each of two pixels is not a whole one', () => {
    const bars = barsFor([waiting(0, 105_000, 115_000)]);
    const picture = new FoldedPicture(bars, WHOLE, 100, new RowScale(1, 1, 0, 1), palette);
    picture.work(() => false);
    const alpha = (x: number) => picture.pixels[x]! >>> 24;
    assert.equal(alpha(10), alpha(11));
    assert.ok(alpha(10) < 255 && alpha(10) > 0);
    assert.equal(alpha(9) + alpha(12), 0);
  });
});

describe('the bars of a row', () => {
  it('are cut to the visible time', () => {
    const bars = barsFor([{ ...waiting(0, 0, 900_000), sentUs: 300_000, connectedUs: 100_000 }]);
    const parts: [string, number, number][] = [];
    visitRow(bars, 0, new TimeScale({ fromUs: 200_000, toUs: 400_000 }, 200), (_, kind, from, to) =>
      parts.push([SEGMENT_KINDS[kind]!, from, to]),
    );
    assert.deepEqual(parts, [
      ['blocked', 0, 100],
      ['answer', 100, 200],
    ]);
  });
});

describe('a point of the waterfall', () => {
  const bars = barsFor([waiting(0, 0, 100_000), blocked(1, 100_000, 300_000), waiting(2, 0, 1_000_000)]);
  const time = new TimeScale(WHOLE, 1_000);

  it('is the segment that is there', () => {
    const rows = new RowScale(3, 20, 0, 60);
    assert.deepEqual(hitOf(bars, time, rows, 200, 30), { row: 1, exchange: 1, kind: 'blocked', us: 200_000 });
  });

  it('is the exchange of the row, beside its bar', () => {
    const hit = hitOf(bars, time, new RowScale(3, 20, 0, 60), 800, 30);
    assert.equal(hit?.exchange, 1);
    assert.equal(hit?.kind, null);
  });

  it('is what blocked, where many rows share a pixel', () => {
    const hit = hitOf(bars, time, new RowScale(3, 0.3, 0, 1), 200, 0);
    assert.equal(hit?.kind, 'blocked');
  });

  it('is nothing below the last row', () => {
    assert.equal(hitOf(bars, time, new RowScale(3, 20, 0, 100), 200, 90), null);
  });
});

describe('rows', () => {
  it('that are zoomed keep the row under the pointer there', () => {
    const rows = new RowScale(1_000, 10, 2_000, 400);
    const zoomed = rows.zoomed(2, 100, 1, 40);
    assert.equal(zoomed.rowAt(100), rows.rowAt(100));
    assert.equal(rows.showing(0).top, 0);
    assert.ok(rows.showing(999).y(999) <= 390);
  });
});

describe('rows that follow the time', () => {
  const many = Array.from({ length: 1_000 }, (_, id) => waiting(id, id * 1_000, id * 1_000 + 5_000));
  const straggler = waiting(1_000, 0, 1_000_000);

  it('are those with a bar in it, but for a few that last much longer', () => {
    const bars = barsFor([straggler, ...many].map((exchange, id) => ({ ...exchange, id })));
    const time = new TimeScale({ fromUs: 500_000, toUs: 600_000 }, 1_000);
    const rows = followed(bars, time, new RowScale(1_001, 0.5, 0, 500), 0.5, 20);
    assert.ok(rows.rowHeight > 4 && rows.rowHeight < 6, `${rows.rowHeight}`);
    assert.ok(rows.first > 480 && rows.after < 620, `${rows.first} to ${rows.after}`);
  });

  it('stay where they are if none has', () => {
    const rows = new RowScale(10, 20, 40, 100);
    const time = new TimeScale({ fromUs: 900_000, toUs: 950_000 }, 1_000);
    assert.equal(followed(barsFor(many.slice(0, 10)), time, rows, 20, 20), rows);
  });
});
