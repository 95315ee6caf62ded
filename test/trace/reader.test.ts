import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { openTrace, readTrace, type TraceReader, type TraceRecord } from '../../src/trace/index.ts';
import { anEnd, anExchange, aRun } from './example.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-trace-'));
});
after(() => rm(folder, { recursive: true }));

async function file(content: string | Buffer, name = 't.jsonl'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function readAll(path: string): Promise<{ trace: TraceReader; records: TraceRecord[] }> {
  const trace = await readTrace(path);
  const records: TraceRecord[] = [];
  for await (const batch of trace) records.push(...batch);
  return { trace, records };
}

const lines = (...records: object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');

describe('reading a trace', () => {
  it('takes a last line without its line end', async () => {
    const { trace, records } = await readAll(await file(lines(aRun(), anExchange(), anEnd()).trimEnd()));
    assert.equal(records.length, 2);
    assert.equal(trace.cutShort, false);
  });

  it('takes what is there of a file that was cut short, and says that it was', async () => {
    const whole = lines(aRun(), anExchange({ id: 1 }), anExchange({ id: 2 }), anEnd());
    const { trace, records } = await readAll(await file(whole.slice(0, whole.indexOf('"id":2') + 3)));
    assert.deepEqual(records, [anExchange({ id: 1 })]);
    assert.equal(trace.cutShort, true);
    assert.equal(trace.problemCount, 0);
  });

  it('a record that is nested 100,000 deep does not hide those behind it', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const records = lines(anExchange({ id: 1 }), anEnd());
    const { trace, records: read } = await readAll(
      await file(`${lines(aRun())}{"kind":"exchange","id":${deep}}\n{"kind":${deep}}\n${records}`),
    );
    assert.deepEqual(read, [anExchange({ id: 1 }), anEnd()]);
    assert.deepEqual(
      trace.problems.map(({ where }) => where.split(':').at(-1)),
      ['2', '3'],
    );
  });

  it('takes what is there of a compressed file that was cut short', async () => {
    const path = join(folder, 'cut.jsonl.zst');
    const writer = await openTrace(path, aRun());
    for (let id = 0; id < 20_000; id++)
      await writer.write(anExchange({ id, url: `https://example.com/${id}` }));
    await writer.close(anEnd());
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length / 2));
    const { trace, records } = await readAll(path);
    assert.ok(records.length > 5_000 && records.length < 15_000, `${records.length} records`);
    assert.equal(trace.cutShort, true);
    assert.equal(trace.problemCount, 0);
  });

  it('says where a compressed file is damaged, and keeps what stands before', async () => {
    const packed = zstdCompressSync(
      lines(
        aRun(),
        ...Array.from({ length: 90_000 }, (_, id) => anExchange({ id, bytesUp: (id * 7919) % 9973 })),
      ),
    );
    packed.fill(0, packed.length - 2_000, packed.length - 1_000);
    const { trace, records } = await readAll(await file(packed, 'damaged.jsonl.zst'));
    assert.ok(records.length > 0);
    assert.match(trace.problems[0]!.text, /the rest can't be read/);
    assert.equal(trace.cutShort, true);
  });

  it('leaves out lines that are no record, with their place and what is wrong, and reads on', async () => {
    const bad = [
      'nonsense',
      '[]',
      '{"kind":"wish"}',
      '{"kind":"constructor"}',
      '{"kind":"exchange","id":1}',
      lines(anExchange({ sentUs: 'x' as never })).trim(),
    ];
    const { trace, records } = await readAll(
      await file(`${lines(aRun())}${bad.join('\n')}\n${lines(anExchange(), anEnd())}`),
    );
    assert.equal(records.length, 2);
    assert.equal(trace.cutShort, false);
    const path = join(folder, 't.jsonl');
    assert.deepEqual(trace.problems, [
      { where: `${path}:2`, text: 'no JSON' },
      { where: `${path}:3`, text: 'no record: it should be an object' },
      { where: `${path}:4`, text: 'no kind of record that this abreast knows: "wish"' },
      { where: `${path}:5`, text: 'no kind of record that this abreast knows: "constructor"' },
      { where: `${path}:6`, text: 'exchange.origin should be a string: it is missing' },
      { where: `${path}:7`, text: 'exchange.sentUs should be a number or null: "x"' },
    ]);
  });

  it('counts all problems but keeps the first 20', async () => {
    const { trace } = await readAll(await file(`${lines(aRun())}${'?\n'.repeat(50)}`));
    assert.equal(trace.problemCount, 50);
    assert.equal(trace.problems.length, 20);
  });

  const refused: [string, string | Buffer, RegExp][] = [
    [
      'a later version',
      lines(aRun({ version: 3 })),
      /:1: a trace of version 3; this abreast reads versions 1 and 2: update abreast/,
    ],
    [
      'an earlier version',
      lines(aRun({ version: 0 })),
      /version 0.*: judge it with the abreast that wrote it/,
    ],
    ['an empty file', '', /it is empty/],
    ['another JSON file', '{"log":{"version":"1.2"}}', /no trace of abreast/],
    ['a text file', 'hello\nworld\n', /:1: no trace of abreast: the first line should be its `run` record/],
    ['another JSON Lines file', '{"index":0}\n', /:1: no trace of abreast/],
    [
      'a run without what it must have',
      '{"kind":"run","version":1}\n',
      /run.startedUs should be a number: it is missing/,
    ],
    ['a compressed file under a plain name', zstdCompressSync('x'), /name it so that it ends in \.zst/],
    ['a file without line ends', Buffer.alloc(17 * 1024 * 1024, 'x'), /a line is longer than 16 MB/],
  ];
  for (const [what, content, message] of refused) {
    it(`refuses ${what}, and says what to do`, async () => {
      await assert.rejects(readTrace(await file(content, 'refused.jsonl')), { name: 'TraceError', message });
    });
  }

  it('leaves no file open, whether it is refused, read to its end or left in the middle', {
    skip: process.platform !== 'linux' && 'needs /proc/self/fd, which Linux has',
  }, async () => {
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const long = await file(
      lines(aRun(), ...Array.from({ length: 20_000 }, (_, id) => anExchange({ id }))),
      'long.jsonl',
    );
    const refused = await file('no trace\n'.repeat(100_000), 'refused.jsonl');
    const before = openFiles();
    for (let time = 0; time < 5; time++) {
      await readAll(long);
      for await (const _ of await readTrace(long)) break;
      await assert.rejects(readTrace(refused));
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(openFiles() <= before, `${openFiles()} files are open, ${before} were`);
  });

  it('refuses a plain file that is named as a compressed one', async () => {
    const path = await file(lines(aRun()), 'plain.zst');
    await assert.rejects(readTrace(path), /it ends in \.zst, but is not compressed with zstd/);
  });

  it('refuses a file that is not there, and a folder', async () => {
    await assert.rejects(
      readTrace(join(folder, 'none')),
      /none: the trace can't be read: no such file or folder/,
    );
    await assert.rejects(readTrace(folder), /the trace can't be read: it is a folder/);
  });
});
