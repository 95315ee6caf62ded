import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type Cause, judgeTrace, type Observation, observationText } from '../../src/diagnose/index.ts';
import type { Exchange } from '../../src/trace/index.ts';
import { diagnosisLines, verdictLines } from '../../src/view/index.ts';
import { waterfallLines } from '../../src/view/waterfall.ts';
import { labelled, wrap } from '../../src/view/wrap.ts';

const TRACE = new URL('../traces/get-two-of-eight.jsonl', import.meta.url).pathname;

const CAUSE: Cause = {
  id: 'connection-limit',
  step: 'dispatched',
  confidence: 'likely',
  text: 'A pool of 2 connections lets 2 go at a time.',
  because: ['Six others wait for it.'],
  share: 0.7,
  places: [
    { file: '/app/report.py', line: 31, function: 'fetch', own: true },
    { file: '/usr/lib/python3/dist-packages/urllib3/pool.py', line: 5, own: false },
  ],
  evidence: [{ kind: 'limit', limit: { kind: 'connections', size: 2, of: 'pool' } }],
  fix: 'Make it 8.',
  reference: { url: 'https://example.com/1', title: 'Too few' },
};

describe('the verdict for people', () => {
  it('says what, the cause with its line, what to do, what was seen, and where to read more, in 80 columns', async () => {
    const { verdict } = await judgeTrace(TRACE);
    const lines = verdictLines({
      verdict: { ...verdict, causes: [CAUSE, { ...CAUSE, text: 'Another.', confidence: 'certain' }] },
      expectation: null,
      exchanges: [],
    }).map(stripVTControlCharacters);
    assert.equal(lines[0], verdict.verdict);
    assert.deepEqual(lines.slice(1, 11), [
      '',
      'Cause     /app/report.py:31 fetch [likely]',
      '          A pool of 2 connections lets 2 go at a time. Six others wait for it.',
      'Fix       Make it 8.',
      'Evidence  limit: pool 2',
      '          urllib3/pool.py:5',
      'More      abreast explain connection-limit',
      '          https://example.com/1 (Too few)',
      'Also      Another. [certain]',
      '',
    ]);
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

/** A terminal has 24 lines: the command and the next prompt are on it, too. */
const MOST_LINES = 22;

describe('the diagnosis of the programs whose traces are kept', () => {
  const folder = new URL('../traces/cases/', import.meta.url).pathname;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.zst')))
    it(`has at most ${MOST_LINES} lines and cuts none, for ${file}`, async () => {
      const { verdict } = await judgeTrace(folder + file);
      const lines = diagnosisLines(verdict).map(stripVTControlCharacters);
      assert.ok(lines.length <= MOST_LINES, lines.join('\n'));
      assert.ok(!lines.some((line) => line.includes('…')), lines.join('\n'));
    });
});

describe('what was seen', () => {
  const place = { file: '/app/a.py', line: 3, function: 'get', own: true };
  const SEEN: readonly Observation[] = [
    { kind: 'limit', limit: { kind: 'workers', size: 2, of: 'pool', setAt: '/app/a.py:3' } },
    { kind: 'patch', patch: { target: 'select', by: 'gevent', replacement: null } },
    { kind: 'plateau', level: 2, waiting: 18 },
    { kind: 'in-flight', max: 2, full: 0.7 },
    { kind: 'waits', waits: 1, exchanges: 1, ms: 1_500, at: place },
    { kind: 'blocks', blocks: 1, threads: [7], call: 'read', descriptors: 1, ms: 3_900, unsent: 19 },
    { kind: 'in-turn', exchanges: 20, at: '/app/a.py:3' },
    { kind: 'batches', size: 5, batches: 4 },
    { kind: 'handed-over', exchanges: 19, at: place },
    { kind: 'thread', thread: 7, exchanges: 3 },
    { kind: 'exchange', id: 1, connection: 2 },
    { kind: 'unread', exchange: 1, connection: 2, ms: 100 },
    { kind: 'process', pid: 8, parent: 7, name: 'curl' },
    { kind: 'connection', id: 1, protocol: 'h2' },
    { kind: 'reopened', exchanges: 20 },
    { kind: 'look-up', host: 'example.com', connection: 1, ms: 5_000 },
    { kind: 'portions', lookUps: 20, atOnce: 2, firstMs: 210, lastMs: 2_100 },
    { kind: 'held-write', connections: [1, 2], ms: 40 },
    { kind: 'rhythm', calls: 20, everyMs: 200 },
    { kind: 'burst', exchanges: 20, sentMs: 60, answeredMs: 3_900 },
    { kind: 'proxy', address: 'http://127.0.0.1:3128', origin: 'http://a' },
    { kind: 'levels', levels: { wanted: 10.5, sent: 1 } },
  ];

  it('is put into words whatever it is, without a gap in them', () => {
    for (const seen of SEEN) {
      const text = observationText(seen);
      assert.ok(text.length > 8, text);
      assert.doesNotMatch(text, /undefined|NaN|object|: $| {2}/, text);
    }
    assert.equal(observationText(SEEN[4]!), '1 wait of 1 exchange, 1.5 s in all: a.py:3 get');
    assert.equal(
      observationText(SEEN[5]!),
      '1 block of thread 7: read on 1 descriptor, 3.9 s, up to 19 requests unsent',
    );
  });
});
