import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describedTraceSchema } from '../../scripts/trace-schema.ts';
import { checkTrace, readTrace } from '../../src/trace/index.ts';
import { anEnd, anExchange, aRun } from './example.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-check-'));
});
after(() => rm(folder, { recursive: true }));

async function faultsIn(...lines: readonly (object | string)[]): Promise<readonly string[]> {
  const path = join(folder, 't.jsonl');
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  await writeFile(path, texts.map((text) => `${text}\n`).join(''));
  return (await checkTrace(path)).faults.map(({ line, text }) => `${line}: ${text}`);
}

const BLOCK = { kind: 'block', pid: 7, fromUs: 0, toUs: 9, wait: { kind: 'lock', call: 'futex' } };

describe('a trace that is checked', () => {
  it('is right with the records that each recorder writes', async () => {
    const faults = await faultsIn(
      aRun(),
      { kind: 'unit', id: 1, pid: 7, type: 'task', madeUs: 0, madeAt: 1 },
      { kind: 'stack', id: 1, frames: [{ file: '/app/report.py', line: 3 }] },
      { kind: 'resource', id: 1, type: 'lock', capacity: 1 },
      { kind: 'hold', resource: 1, unit: 1, fromUs: 0, toUs: null },
      { ...BLOCK, unit: 1, wait: { kind: 'lock', call: 'futex', resource: 1 } },
      { kind: 'connection', id: 1, origin: 'https://example.com' },
      anExchange({ id: 1, unit: 1, connection: 1, wantedUs: 0, sentUs: 4, answeredUs: null, readUs: null }),
      anEnd(),
    );
    assert.deepEqual(faults, []);
  });

  const wrong: readonly [what: string, line: object | string, fault: RegExp][] = [
    ['a field of another type', anExchange({ id: 'x' as never }), /^2: exchange\.id: expected number/],
    ['a field that is not known', { ...BLOCK, inn: 1 }, /^2: block: Unrecognized key: "inn"/],
    ['a field that is missing', { kind: 'ready', atUs: 1, what: 'closed' }, /^2: ready\.connection: /],
    [
      'a kind of wait that is not in the list',
      { ...BLOCK, wait: { kind: 'nap', call: 'x' } },
      /^2: block\.wait\.kind: /,
    ],
    ['a kind that is no record', { kind: 'constructor' }, /^2: no kind of record: "constructor"/],
    ['a line that is no JSON', 'nonsense', /^2: no JSON/],
    [
      'steps out of order',
      anExchange({ wantedUs: 9, sentUs: 4 }),
      /^2: exchange\.sentUs: it is before wantedUs/,
    ],
    [
      'a wait that ends before it begins',
      { ...BLOCK, toUs: -1 },
      /^2: block\.toUs: it ends before it begins/,
    ],
    [
      'a connection that is nowhere',
      anExchange({ connection: 9 }),
      /^2: exchange\.connection: there is no connection 9/,
    ],
    ['a unit that is nowhere', { ...BLOCK, unit: 9 }, /^2: block\.unit: there is no unit 9/],
    [
      'a resource that is nowhere',
      { ...BLOCK, wait: { ...BLOCK.wait, resource: 9 } },
      /there is no resource 9/,
    ],
    ['a second run', aRun(), /^2: a second `run`/],
  ];
  for (const [what, line, fault] of wrong)
    it(`may not have ${what}`, async () => {
      const faults = await faultsIn(aRun(), line, anEnd());
      assert.equal(faults.length, 1, faults.join('\n'));
      assert.match(faults[0]!, fault);
    });

  it('may not have an id twice, begin without `run`, go on after `end`, or lack it', async () => {
    assert.match(
      (await faultsIn(aRun(), anExchange(), anExchange(), anEnd()))[0]!,
      /^3: exchange\.id: 1 is there twice/,
    );
    assert.match((await faultsIn(anExchange(), anEnd()))[0]!, /^1: the first record should be `run`/);
    assert.match((await faultsIn(aRun(), anEnd(), anExchange()))[0]!, /^3: a record after `end`/);
    assert.match((await faultsIn(aRun(), anExchange()))[0]!, /the last record should be `end`/);
  });

  it('is not held against rules of another version', async () => {
    assert.deepEqual(await faultsIn({ ...aRun(), version: 1, asked: 4 }, { kind: 'block', in: 'x' }), [
      '1: run.version: it is 1, and only version 2 is checked',
    ]);
  });

  it('counts all faults, and keeps the first hundred', async () => {
    const path = join(folder, 'many.jsonl');
    await writeFile(path, `${JSON.stringify(aRun())}\n${'?\n'.repeat(5_000)}${JSON.stringify(anEnd())}\n`);
    const { faults, faultCount, records } = await checkTrace(path);
    assert.deepEqual([faults.length, faultCount, records], [100, 5_000, 2]);
  });
});

describe('schema/trace.json', () => {
  const published = JSON.parse(readFileSync(new URL('../../schema/trace.json', import.meta.url), 'utf8'));

  it('is what the types and the schema give; if not: node scripts/schema.ts', () => {
    assert.deepEqual(published, JSON.parse(JSON.stringify(describedTraceSchema())));
  });

  it('takes every record of the stored traces, as they are lifted', async () => {
    const valid = new Ajv2020({ strict: false }).compile(published);
    for (const name of [
      'py-gevent-semaphore.slow',
      'node-agent-maxsockets.slow',
      'curl-many-urls-serial.slow',
    ]) {
      const path = new URL(`../traces/cases/${name}.jsonl.zst`, import.meta.url).pathname;
      const trace = await readTrace(path);
      assert.ok(valid(trace.run), JSON.stringify(valid.errors));
      for await (const batch of trace)
        for (const record of batch)
          assert.ok(valid(record), `${JSON.stringify(record)}: ${JSON.stringify(valid.errors?.at(-1))}`);
    }
  });
});
