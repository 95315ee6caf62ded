import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Exchange, openTrace, readTrace, type TraceRecord } from '../../src/trace/index.ts';
import { anEnd, anExchange, aRun } from './example.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-trace-'));
});
after(() => rm(folder, { recursive: true }));

async function written(name: string, records: readonly Exchange[], keepUrls = false): Promise<string> {
  const path = join(folder, name);
  const trace = await openTrace(path, aRun(), { keepUrls });
  for (const record of records) trace.write(record);
  await trace.close(anEnd());
  return path;
}

async function read(path: string): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for await (const batch of await readTrace(path)) records.push(...batch);
  return records;
}

describe('a trace', () => {
  const exchanges = [
    anExchange({
      id: 1,
      url: 'https://example.com/ä?n=1',
      wantedUs: 0,
      sentUs: null,
      error: 'dns',
      estimated: ['wantedUs'],
    }),
    anExchange({ id: 2, wantedUs: 5, readUs: 9, connection: null, unit: 4 }),
  ];

  for (const name of ['a.jsonl', 'a.jsonl.zst']) {
    it(`gives back what was written, absent and null fields too (${name})`, async () => {
      assert.deepEqual(await read(await written(name, exchanges)), [...exchanges, anEnd()]);
    });
  }

  it('has a record on each line, its kind first, and the version in the first line', async () => {
    const { kind, ...rest } = anExchange({ id: 7 });
    const path = await written('kind.jsonl', [{ ...rest, kind }]);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    assert.match(lines[0]!, /^\{"kind":"run","version":2,/);
    assert.match(lines[1]!, /^\{"kind":"exchange","id":7,/);
    assert.match(lines[2]!, /^\{"kind":"end",/);
  });

  it('is readable by its owner alone, even where a file stood before', async () => {
    const path = join(folder, 'mode.jsonl');
    await writeFile(path, 'old', { mode: 0o644 });
    await written('mode.jsonl', []);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.doesNotMatch(await readFile(path, 'utf8'), /old/);
  });

  it('holds no password of a URL, unless URLs are kept', async () => {
    const secret = [anExchange({ url: 'https://me:hunter2@example.com/?token=hunter2' })];
    assert.doesNotMatch(await readFile(await written('hidden.jsonl', secret), 'utf8'), /hunter2/);
    assert.match(
      await readFile(await written('kept.jsonl', secret, true), 'utf8'),
      /me:hunter2@.*token=hunter2/,
    );
  });

  it("that can't be opened says where and why", async () => {
    await assert.rejects(openTrace(join(folder, 'no/such/t.jsonl'), aRun()), {
      name: 'TraceError',
      message: `${join(folder, 'no/such/t.jsonl')}: the trace can't be written: no such file or folder`,
    });
  });

  it('on a full disk does not disturb the run, and says so when it is closed', {
    skip: process.platform !== 'linux' && 'needs /dev/full, which Linux has',
  }, async () => {
    const trace = await openTrace('/dev/full', aRun());
    for (let id = 0; id < 5_000; id++)
      await trace.write(anExchange({ id, url: `https://example.com/${id}` }));
    await assert.rejects(trace.close(anEnd()), /\/dev\/full: the trace can't be written: the disk is full/);
  });

  it('says when the file is behind, and when it has caught up', async () => {
    const trace = await openTrace(join(folder, 'behind.jsonl.zst'), aRun());
    let behind: Promise<void> | undefined;
    for (let id = 0; id < 50_000 && behind === undefined; id++)
      behind = trace.write(anExchange({ id, url: `https://example.com/${id}` }));
    assert.ok(behind !== undefined);
    await behind;
    assert.equal(trace.write(anExchange()), undefined);
    await trace.close(anEnd());
  });

  it('is on disk soon, not only when it is closed', async () => {
    const path = join(folder, 'soon.jsonl.zst');
    const trace = await openTrace(path, aRun());
    trace.write(anExchange({ id: 3 }));
    for (let tries = 0; tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      if ((await read(path).catch(() => [])).length === 1) break;
    }
    assert.deepEqual(await read(path), [anExchange({ id: 3 })]);
    await trace.close(anEnd());
  });
});

/** ABREAST_EXCHANGES=1000000 tries it with a million. */
describe('a long trace', () => {
  it('is written and read with flat memory', async () => {
    const path = join(folder, 'long.jsonl');
    const count = Number(process.env.ABREAST_EXCHANGES ?? 200_000);
    const trace = await openTrace(path, aRun());
    const write = async (from: number, to: number) => {
      for (let id = from; id < to; id++) {
        const url = `https://example.com/bytes/100?n=${id}`;
        await trace.write(
          anExchange({ id, url, wantedUs: id, sentUs: id + 1, answeredUs: id + 2, readUs: id + 3 }),
        );
      }
    };
    await write(0, count / 4);
    const before = process.memoryUsage.rss();
    await write(count / 4, count);
    await trace.close(anEnd());
    let seen = 0;
    for await (const batch of await readTrace(path)) seen += batch.length;
    assert.equal(seen, count + 1);
    assert.ok((await stat(path)).size > 30e6, 'the file is much larger than what memory may grow by');
    const grown = process.memoryUsage.rss() - before;
    assert.ok(grown < 100e6, `memory grew by ${Math.round(grown / 1e6)} MB`);
  });
});
