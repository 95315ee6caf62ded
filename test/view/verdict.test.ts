import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type Cause, judgeTrace } from '../../src/diagnose/index.ts';
import type { Exchange } from '../../src/trace/index.ts';
import { diagnosisLines, verdictLines } from '../../src/view/index.ts';
import { shortened } from '../../src/view/shorten.ts';
import { waterfallLines } from '../../src/view/waterfall.ts';
import { labelled, wrap } from '../../src/view/wrap.ts';

const TRACE = new URL('../traces/get-two-of-eight.jsonl', import.meta.url).pathname;

const CAUSE: Cause = {
  id: 'connection-limit',
  confidence: 'likely',
  text: 'A pool of 2 connections lets 2 go at a time, and six others wait for it as long as that takes.',
  share: 0.7,
  evidence: ['/app/report.py:31 fetch', 'limit: pool 2'],
  remedy: 'Make it 8.',
  reference: 'somebody/something#1',
};

describe('the verdict for people', () => {
  it('says what, why, where and what to do, in this order and in 80 columns', async () => {
    const { verdict } = await judgeTrace(TRACE);
    const lines = verdictLines({
      verdict: { ...verdict, causes: [CAUSE] },
      expectation: null,
      exchanges: [],
    }).map(stripVTControlCharacters);
    assert.equal(lines[0], verdict.verdict);
    assert.deepEqual(
      lines.flatMap((line) => /^(why|where|seen|do|see) /.exec(line)?.[1] ?? []),
      ['why', 'where', 'seen', 'do', 'see'],
    );
    assert.ok(lines.includes('where  /app/report.py:31 fetch'));
    assert.match(lines.join(' ').replace(/\s+/g, ' '), /as long as that takes\. \(likely\)/);
    assert.deepEqual(
      lines.filter((line) => line.length > 80 && !line.startsWith('trace ')),
      [],
    );
  });

  it('shows the levels of the funnel as bars of their size', async () => {
    const { verdict } = await judgeTrace(TRACE);
    const funnel = { wanted: 8, dispatched: 4, connected: null, sent: 2 };
    const lines = verdictLines({ verdict: { ...verdict, funnel }, expectation: null, exchanges: [] });
    const bars = lines.map(stripVTControlCharacters).filter((line) => line.includes('█'));
    assert.deepEqual(
      bars.map((line) => [line.split(' ')[0], line.match(/█/g)!.length]),
      [
        ['wanted', 50],
        ['dispatched', 25],
        ['sent', 12],
      ],
    );
  });
});

describe('the waterfall', () => {
  const one = (sentUs: number, readUs: number | null): Exchange => ({
    kind: 'exchange',
    id: 1,
    method: 'GET',
    origin: 'https://example.com',
    url: 'https://example.com/a',
    wantedUs: 0,
    dispatchedUs: 0,
    connectedUs: 0,
    sentUs,
    answeredUs: readUs,
    readUs,
  });

  it('begins each bar where the exchange was asked, and fills it from where it was sent', () => {
    const [, first, second] = waterfallLines([one(0, 1_000), one(1_000, 2_000)], 2, 2).map(
      stripVTControlCharacters,
    );
    const filled = (line: string) => [line.indexOf('█'), line.lastIndexOf('█')];
    const [from, middle] = filled(first!);
    assert.equal(from, 25);
    assert.ok(Math.abs(filled(second!)[0]! - middle!) <= 1);
    assert.ok(second!.length > 75 && second!.length <= 80);
  });

  it('goes to the end of the run where something was never read', () => {
    const [title, first] = waterfallLines([one(0, null), one(0, null)], 2, 1_200).map(
      stripVTControlCharacters,
    );
    assert.match(title!, /1\.2 s$/);
    assert.equal(first!.length, 80);
  });
});

describe('text of 80 columns', () => {
  it('is broken between words, and after a slash in longer ones', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrap('see /usr/lib/python', 10), ['see', '/usr/lib/', 'python']);
  });

  it('is cut where it has too many lines, and shows it', () => {
    assert.deepEqual(labelled('why', 'word '.repeat(40), 1).length, 1);
    assert.match(labelled('why', 'word '.repeat(40), 1)[0]!, /…$/);
  });
});

describe('a cause in two lines a label', () => {
  const WHY = 73;
  it('is said as it is where it fits, without places where it does not, and then without its last parts', () => {
    const short = 'At most 2 at a time: the pool is full.';
    assert.equal(shortened(short, WHY, 2), short);
    const call = 'word '.repeat(20).trim();
    const long = `Each poll of ${call} blocks (wait.py:105 do_poll): y took its place.`;
    assert.equal(shortened(long, WHY, 2), long.replace(' (wait.py:105 do_poll)', ''));
    assert.equal(shortened(long.replace('its', 'z '.repeat(30)), WHY, 2), `Each poll of ${call} blocks.`);
  });

  it('gives modules lines of their own', async () => {
    const { verdict } = await judgeTrace(TRACE);
    const who = 'pool 1.2 was put in (a.py:3)';
    const cause = { ...CAUSE, text: `The pool is full: ${who}.`, who };
    const lines = verdictLines({
      verdict: { ...verdict, causes: [cause] },
      expectation: null,
      exchanges: [],
    });
    const plain = lines.map(stripVTControlCharacters);
    assert.ok(plain.includes('why    The pool is full. (likely)'));
    assert.ok(plain.includes(`who    ${who}.`));
  });

  it('takes no more than that for any of the programs whose traces are kept', async () => {
    const folder = new URL('../traces/cases/', import.meta.url).pathname;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.zst'))) {
      const { verdict } = await judgeTrace(folder + file);
      const lines = diagnosisLines(verdict).slice(1).map(stripVTControlCharacters);
      const labels = lines.map((line) => line.slice(0, 7).trim());
      for (let at = 0; at < lines.length; at++) {
        const label = labels.slice(0, at + 1).findLast((one) => one !== '') ?? '';
        if (!/^(?:why|who|do)$/.test(label)) continue;
        assert.ok(!lines[at]!.endsWith('…'), `${file}: ${lines[at]}`);
        assert.ok(
          labels.slice(Math.max(0, at - 1), at + 1).some(Boolean),
          `${file}, a third line: ${lines[at]}`,
        );
      }
    }
  });
});
