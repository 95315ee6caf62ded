import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dump, judgeTrace } from '../../src/diagnose/index.ts';
import { type End, openTrace, type RunHeader, type TraceRecord } from '../../src/trace/index.ts';
import { exchange, fromOutside, many } from './example.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-judge-'));
});
after(() => rm(folder, { recursive: true }));

async function traceOf(
  records: readonly Exclude<TraceRecord, End>[],
  given: Partial<RunHeader> = {},
): Promise<string> {
  const path = join(folder, 't.jsonl.zst');
  const recorders = [{ name: 'test', version: '1', sees: ['exchange'] }];
  const trace = await openTrace(path, {
    kind: 'run',
    version: 1,
    startedUs: 0,
    command: [],
    recorders,
    ...given,
  });
  for (const record of records) trace.write(record);
  await trace.close({ kind: 'end', endedUs: 5_000_000, lost: { dropped: 3 } });
  return path;
}

const oneByOne = many(5, (id) =>
  exchange({ wanted: 0, sent: id * 1_000, read: (id + 1) * 1_000 }, { id, url: `https://example.com/${id}` }),
);

describe('judging a stored trace', () => {
  it('says where the requests went if none of them is of the origin that was chosen', async () => {
    const path = await traceOf(oneByOne);
    const { verdict } = await judgeTrace(path, { counts: (origin) => origin === 'https://other.example' });
    assert.equal(verdict.overlap, 'unknown');
    assert.match(
      verdict.facts.join(' '),
      /All requests of this trace went to https:\/\/example\.com, which --only/,
    );
    const { verdict: whole } = await judgeTrace(path);
    assert.doesNotMatch(whole.facts.join(' '), /--only/);
  });

  it('gives the verdict, where the trace is, the recorders and what they lost', async () => {
    const path = await traceOf(oneByOne);
    const { verdict, expectation } = await judgeTrace(path);
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['serial', 'sent', 5]);
    assert.deepEqual([verdict.trace, verdict.recorders], [path, [{ name: 'test', sees: ['exchange'] }]]);
    assert.deepEqual(verdict.facts, ['The recorders lost something: 3 events dropped.']);
    assert.equal(expectation, null);
  });

  it('holds it against what was expected', async () => {
    const { expectation } = await judgeTrace(await traceOf(oneByOne), { expect: 5 });
    assert.deepEqual([expectation!.met, expectation!.line], [false, 'expected 5: max 1, mean 1.0: not met']);
  });

  it('takes what was wanted from the option, else from the trace, where no recorder saw it', async () => {
    const twoByTwo = many(6, (index) =>
      fromOutside(exchange({ wanted: 100 * (index >> 1), read: 100 * (index >> 1) + 100 })),
    );
    assert.equal((await judgeTrace(await traceOf(twoByTwo))).verdict.overlap, 'unknown');
    assert.equal((await judgeTrace(await traceOf(twoByTwo, { wanted: 6 }))).verdict.factor, 3);
    assert.equal(
      (await judgeTrace(await traceOf(twoByTwo, { wanted: 6 }), { wanted: 2 })).verdict.overlap,
      'concurrent',
    );
    assert.equal((await judgeTrace(await traceOf(oneByOne, { wanted: 1 }))).verdict.wanted, 5);
  });

  it('knows the CPU of the client from its blocks', async () => {
    const quick = many(50, (index) => exchange({ wanted: index * 0.4, read: index * 0.4 + 0.2 }));
    const cpu = {
      kind: 'block',
      pid: 1,
      fromUs: -900_000,
      toUs: 20_000,
      wait: { kind: 'cpu', call: 'cpu' },
    } as const;
    assert.equal((await judgeTrace(await traceOf(quick))).verdict.overlap, 'serial');
    assert.equal((await judgeTrace(await traceOf([...quick, cpu]))).verdict.overlap, 'concurrent');
  });

  it('says when the trace was cut short or damaged', async () => {
    const path = join(folder, 'cut.jsonl');
    const run = { kind: 'run', version: 1, startedUs: 0, command: [], recorders: [] };
    await writeFile(path, [run, 'x', ...oneByOne].map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { facts } = (await judgeTrace(path)).verdict;
    assert.deepEqual(facts, [
      'The trace was cut short: what was open at its end was not seen to end.',
      `A line of the trace could not be used: ${path}:2: no record: it should be an object.`,
    ]);
  });

  it('tells lines of the program apart from those of its libraries', async () => {
    const frames = [
      { file: '/usr/lib/python3.12/site-packages/requests/api.py', line: 73 },
      { file: '/app/report.py', line: 31, function: 'fetch' },
      { file: '/app/main.py', line: 4 },
    ];
    const wanted = oneByOne.map((one) => ({ ...one, stack: 9 }));
    const { groups } = (await judgeTrace(await traceOf([...wanted, { kind: 'stack', id: 9, frames }])))
      .verdict;
    assert.deepEqual(
      groups.map(({ at, origin, overlap }) => ({ at, origin, overlap })),
      [
        { at: '/app/report.py:31', origin: 'https://example.com', overlap: 'serial' },
        { at: null, origin: 'https://example.com', overlap: 'serial' },
      ],
    );
  });
});

describe('a dump', () => {
  it('has a line for each exchange: when it was asked, how long it waited for each step, and what came', () => {
    const { connectedUs: _, ...unseen } = exchange({ wanted: 5, sent: 7, read: 9.5 }, { id: 1, status: 404 });
    const failed = {
      ...exchange({ wanted: 0, read: 1 }, { id: 2, error: 'reset' }),
      sentUs: null,
      answeredUs: null,
      readUs: null,
      failedUs: 30_000,
    };
    assert.deepEqual(dump([unseen, failed], 99_000), [
      '     0.0  dispatched     0.0  connected     0.0  sent  (30.0)  answered   (0.0)  read   (0.0)  reset https://example.com',
      '     5.0  dispatched     0.0  connected    2.0?  sent     0.0  answered     2.5  read     0.0  404 https://example.com',
    ]);
  });

  it('does not depend on the order of records', () => {
    assert.deepEqual(dump(oneByOne.toReversed(), 0), dump(oneByOne, 0));
    assert.equal(dump(oneByOne, 0).length, 5);
  });
});
