import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  type ChunkError,
  type ChunkFetcher,
  Collector,
  chunkName,
  describeRun,
  failChunk,
  openChunkFetcher,
  openSharedRun,
  readChunkRows,
  shareRun,
  writeChunkRows,
} from '../../src/chunks/index.ts';
import { openParts, WorkerRecords } from '../../src/execute/index.ts';
import { RunRecorder } from '../../src/record/index.ts';
import type { ChunkRow } from '../../src/report/index.ts';
import { openStorage } from '../../src/storage/index.ts';
import { type Answer, startOrigin } from '../report/run/origin.ts';
import { written } from '../report/run/real.ts';
import { temporaryFolder } from '../report/run/reports.ts';

const CHUNK_ROWS = 10;
const WORKER = { id: 'w', host: 'here' };

const REPORT = `
rows: { csv: rows.csv }
requests: [{ name: a, url: "URL/{{id}}" }]
limits: { concurrency: 8, retries: 0 }
`;

async function setUp(
  t: TestContext,
  answer: (path: string) => Answer = (path) => [200, { path }],
  { url, concurrency = 8 }: { url?: string; concurrency?: number } = {},
) {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, answer);
  writeFileSync(join(folder, 'rows.csv'), 'id\n1\n');
  const yaml = REPORT.replace('concurrency: 8', `concurrency: ${concurrency}`);
  const report = await written(folder, yaml, url ?? origin.url);
  const storage = await openStorage(join(folder, 'place'));
  const facts = { run: 'r', version: '0', begunAt: Date.now(), chunkRows: CHUNK_ROWS };
  await shareRun(storage, await describeRun(report, facts));
  const shared = await openSharedRun(storage, 'r', {});
  const scratch = join(folder, 'scratch');
  const open = async (concurrency = 8): Promise<ChunkFetcher> => {
    const fetcher = await openChunkFetcher(shared, 'a', { limits: { concurrency }, worker: WORKER, scratch });
    t.after(async () => {
      fetcher.abort();
      await fetcher.close();
    });
    return fetcher;
  };
  /** The lines of a chunk's file; null where there is none. */
  const linesOf = (chunk: number) => {
    const path = join(folder, 'place', chunkName('r', { request: 'a', chunk, round: 1 }));
    if (!existsSync(path)) return null;
    const lines = zstdDecompressSync(readFileSync(path)).toString().trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line));
  };
  return { folder, origin, report, storage, shared, scratch, open, linesOf };
}

async function* rowsOf(chunk: number, count = CHUNK_ROWS): AsyncGenerator<ChunkRow> {
  for (let index = chunk * CHUNK_ROWS; index < chunk * CHUNK_ROWS + count; index++) {
    const data = { id: index };
    yield { index, data, whole: data };
  }
}

const chunkOf = (chunk: number) => ({ chunk, round: 1, rows: rowsOf(chunk) });

const isGivenUp = (error: ChunkError) => error.code === 'given-up';

/** The indexes of the results in a chunk's file. */
function resultsIn(lines: readonly { kind?: string; index: number }[]): readonly number[] {
  const end = lines.findIndex(({ kind }) => kind === 'results');
  return lines
    .slice(end + 1)
    .map(({ index }) => index)
    .sort((one, other) => one - other);
}

test('a chunk file has its results, and before them its counts and records, with the connections that it used', async (t) => {
  const { open, linesOf, scratch } = await setUp(t);
  const fetcher = await open();
  await Promise.all([0, 1, 2].map((chunk) => fetcher.fetch(chunkOf(chunk))));
  for (const chunk of [0, 1, 2]) {
    const lines = linesOf(chunk)!;
    const of = (kind: string) => lines.filter((line) => line.kind === kind);
    const { startedUs, ...header } = lines[0];
    assert.deepEqual(header, {
      kind: 'chunk',
      format: 1,
      run: 'r',
      request: 'a',
      chunk,
      round: 1,
      worker: 'w',
      host: 'here',
      clock: null,
      rows: 10,
      failed: 0,
      results: 10,
    });
    assert.ok(startedUs > 1e15);
    assert.equal(of('took').length, 10);
    assert.equal(of('exchange').length, 10);
    const opened = new Set(of('connection').map(({ id }) => id));
    for (const { connection } of of('exchange')) assert.ok(opened.has(connection), `chunk ${chunk}`);
    assert.equal(opened.size, of('connection').length, 'each connection is told once');
    assert.deepEqual(
      resultsIn(lines),
      Array.from({ length: 10 }, (_, i) => chunk * 10 + i),
    );
  }
  assert.deepEqual(readdirSync(scratch), []);
});

test('the end of a chunk is no barrier: rows of the next chunks are in flight before it', async (t) => {
  // Each answer waits until more are in flight than a chunk has rows: with a barrier that would be for ever.
  let waiting: (() => void)[] = [];
  const server = createServer((_, response) => {
    waiting.push(() => response.end('{}'));
    if (waiting.length < 15) return;
    for (const answer of waiting) answer();
    waiting = [];
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { open } = await setUp(t, undefined, { url, concurrency: 15 });
  const fetcher = await open(15);
  const done = await Promise.all([0, 1, 2].map((chunk) => fetcher.fetch(chunkOf(chunk))));
  assert.deepEqual(
    done.map(({ rows }) => rows),
    [10, 10, 10],
  );
});

test('an abort leaves no file of a chunk that is not whole, and none in the scratch folder', async (t) => {
  const { open, linesOf, origin, scratch } = await setUp(t, (path) => [
    200,
    { path },
    path === '/13' ? 5_000 : 0,
  ]);
  const fetcher = await open();
  const slow = fetcher.fetch(chunkOf(1));
  await fetcher.fetch(chunkOf(0));
  while (fetcher.pending > 1) await new Promise((resolve) => setTimeout(resolve, 1));
  fetcher.abort();
  await assert.rejects(slow, isGivenUp);
  await assert.rejects(fetcher.fetch(chunkOf(2)), isGivenUp);
  await fetcher.close();
  assert.notEqual(linesOf(0), null);
  assert.equal(linesOf(1), null);
  assert.ok(origin.asked.includes('/13'));
  assert.deepEqual(readdirSync(scratch), []);
});

test('stop finishes the chunks that have begun, and gives up the others', async (t) => {
  const { open, linesOf, origin } = await setUp(t, (path) => [200, { path }, 20]);
  const fetcher = await open(2);
  const begun = fetcher.fetch(chunkOf(0));
  while (origin.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const rows = Promise.withResolvers<void>();
  let isAsked = false;
  async function* late() {
    isAsked = true;
    await rows.promise;
    yield* rowsOf(1);
  }
  const unbegun = fetcher.fetch({ chunk: 1, round: 1, rows: late() });
  while (!isAsked) await new Promise((resolve) => setTimeout(resolve, 1));
  fetcher.stop();
  await assert.rejects(unbegun, isGivenUp);
  rows.resolve();
  assert.equal((await begun).rows, 10);
  await assert.rejects(fetcher.fetch(chunkOf(2)), isGivenUp);
  const { summary } = await fetcher.close();
  assert.equal(summary.requests, 10);
  assert.deepEqual([linesOf(1), linesOf(2)], [null, null]);
});

test('a chunk whose rows break off leaves nothing, and can be fetched again at once, each row once', async (t) => {
  const { open, linesOf } = await setUp(t, (path) => [200, { path }, 30]);
  const fetcher = await open();
  async function* broken() {
    yield* rowsOf(0, 6);
    throw new Error('the rows are gone');
  }
  await assert.rejects(fetcher.fetch({ chunk: 0, round: 1, rows: broken() }), /the rows are gone/);
  // Six rows of the first try are still in flight.
  assert.equal(linesOf(0), null);
  const done = await fetcher.fetch(chunkOf(0));
  assert.equal(done.rows, 10);
  assert.deepEqual(resultsIn(linesOf(0)!), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a chunk whose file is there is not fetched, and whoever comes second with one leaves the first as it is', async (t) => {
  const { open, linesOf, origin, scratch } = await setUp(t);
  const [one, other] = [await open(), await open()];
  const both = await Promise.all([one.fetch(chunkOf(0)), other.fetch(chunkOf(0))]);
  assert.deepEqual(both.map(({ already }) => already).sort(), [false, true]);
  assert.equal(resultsIn(linesOf(0)!).length, 10);
  const asked = origin.asked.length;
  const third = await one.fetch(chunkOf(0));
  assert.deepEqual([third.already, third.rows, third.results], [true, 10, 10]);
  assert.equal(origin.asked.length, asked);
  assert.deepEqual(readdirSync(scratch), []);
});

test('what an engine did for a file that came second is told in its next one', async (t) => {
  const { open, linesOf } = await setUp(t, (path) => [200, { path }, 30]);
  const fetchers = [await open(), await open()];
  const done = await Promise.all(fetchers.map((fetcher) => fetcher.fetch(chunkOf(0))));
  const second = fetchers[done.findIndex(({ already }) => already)]!;
  await second.fetch(chunkOf(1));
  const { proof } = (await second.close()).summary;
  const told = linesOf(1)!.find(({ kind }) => kind === 'results').proof.activeMs;
  assert.ok(told > 0.9 * proof.activeMs, `${told} of ${proof.activeMs} ms`);
});

test('the rows of a chunk that nobody can fetch become errors, and a file that is there stays', async (t) => {
  const { shared, open, linesOf, origin, scratch } = await setUp(t);
  const how = { worker: WORKER, scratch };
  const poison = { code: 'bad-row', text: 'it ended its worker twice' } as const;
  const failed = await failChunk(shared, { request: 'a', chunk: 4, round: 1 }, rowsOf(4), poison, how);
  assert.deepEqual([failed.rows, failed.failed, failed.already], [10, 10, false]);
  assert.equal(origin.asked.length, 0);
  const results = linesOf(4)!.slice(-10);
  for (const { error, data, index } of results) {
    assert.deepEqual(error, { code: 'bad-row', text: 'it ended its worker twice' });
    assert.deepEqual(data, { id: index });
  }
  await (await open()).fetch(chunkOf(5));
  const late = await failChunk(shared, { request: 'a', chunk: 5, round: 1 }, rowsOf(5), poison, how);
  assert.deepEqual([late.already, late.failed], [true, 0]);
});

test('the shares of a proof in all files add up to that of the engine', async (t) => {
  const { open, linesOf } = await setUp(t, (path) => [200, { path }, 5]);
  const fetcher = await open(4);
  const chunks = [0, 1, 2, 3, 4];
  for (const chunk of chunks) await fetcher.fetch(chunkOf(chunk));
  const { summary } = await fetcher.close();
  const proofs = chunks.map((chunk) => linesOf(chunk)!.find(({ kind }) => kind === 'results').proof);
  const sum = (of: (proof: typeof summary.proof) => number) =>
    proofs.reduce((total, proof) => total + of(proof), 0);
  const near = (one: number, other: number) =>
    assert.ok(Math.abs(one - other) < 0.05 * other + 1, `${one} ${other}`);
  near(
    sum(({ activeMs }) => activeMs),
    summary.proof.activeMs,
  );
  near(
    sum(({ inFlightMean, activeMs }) => inFlightMean * activeMs),
    summary.proof.inFlightMean * summary.proof.activeMs,
  );
});

test('a worker needs neither the files of a report nor the variables of its dumps, but those of its requests', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'rows.csv'), 'id\n1\n');
  process.env.ABREAST_TEST_WORD = 'here';
  t.after(() => {
    delete process.env.ABREAST_TEST_WORD;
  });
  const report = await written(
    folder,
    `rows: { csv: rows.csv }
requests: [{ name: a, url: "http://127.0.0.1/{{id}}", headers: { x-word: "\${ABREAST_TEST_WORD}" } }]
dump: [{ table: a, to: "\${ABREAST_TEST_WORD}.csv" }]
`,
  );
  const storage = await openStorage(join(folder, 'place'));
  await shareRun(storage, await describeRun(report, { run: 'r', version: '0', begunAt: 0 }));
  rmSync(join(folder, 'rows.csv'));
  const { report: there } = await openSharedRun(storage, 'r', { ABREAST_TEST_WORD: 'there' });
  assert.equal(JSON.stringify(there.requests[0]!.headers).includes('there'), true);
  await assert.rejects(
    openSharedRun(storage, 'r', {}),
    /report\.yaml:2:\d+: there is no variable ABREAST_TEST_WORD in the environment/,
  );
  assert.ok(!readFileSync(join(folder, 'place/r/run.json'), 'utf8').includes('"here"'));
  await assert.rejects(openSharedRun(storage, 'other', {}), /there is no .*other\/run\.json/);
});

test('a run whose test server ended with its process is not continued by another one', async (t) => {
  const { storage, report } = await setUp(t);
  const facts = { run: 'served', version: '0', begunAt: 0 };
  const first = await describeRun(report, { ...facts, testServer: 'http://127.0.0.1:1' });
  await shareRun(storage, first);
  assert.equal((await shareRun(storage, first)).run, 'served');
  const other = await describeRun(report, { ...facts, testServer: 'http://127.0.0.1:2' });
  await assert.rejects(shareRun(storage, other), /had a test server of its own, .* Start a new run\./);
});

test('a report that runs a command for a header is refused to workers', async (t) => {
  const folder = temporaryFolder(t);
  const report = await written(
    folder,
    `rows: { inline: [{ id: 1 }] }
requests:
  - name: a
    url: "http://127.0.0.1/{{id}}"
    auth: { command: [touch, ${join(folder, 'ran')}], header: x-token }
`,
  );
  const storage = await openStorage(join(folder, 'place'));
  await shareRun(storage, await describeRun(report, { run: 'r', version: '0', begunAt: 0 }));
  await assert.rejects(openSharedRun(storage, 'r', {}), /report\.yaml:5:\d+: workers run no command/);
  assert.ok(!existsSync(join(folder, 'ran')));
});

test('a chunk file that is cut short, or of something else, is named, and nothing of it comes home', async (t) => {
  const { folder, open, storage, report } = await setUp(t);
  await (await open()).fetch(chunkOf(0));
  const path = join(folder, 'place', chunkName('r', { request: 'a', chunk: 0, round: 1 }));
  const whole = readFileSync(path);
  const lines = zstdDecompressSync(whole).toString();
  const parts = await openParts(join(folder, 'parts'), { dropFailed: false });
  const own = new RunRecorder({ wanted: 5, recorder: { name: 'test', version: '0' }, command: [] });
  const bring = (bytes: Buffer) => {
    writeFileSync(path, bytes);
    let tooks = 0;
    const order = { request: report.requests[0]!, round: 1, parts };
    const watcher = { records: new WorkerRecords(own, 0), took: () => tooks++ };
    const collector = new Collector({ storage, run: 'r' }, order, watcher);
    return collector.bring(0).finally(() => {
      if (!bytes.equals(whole)) assert.equal(tooks, 0, 'nothing was counted');
    });
  };
  const isDamaged = /000000-1\.jsonl\.zst is damaged: .* Remove it; then its rows are fetched again/;
  await assert.rejects(bring(whole.subarray(0, -20)), isDamaged);
  await assert.rejects(bring(Buffer.from('no zstd at all')), isDamaged);
  const lastLine = lines.trimEnd().lastIndexOf('\n') + 1;
  await assert.rejects(bring(zstdCompressSync(lines.slice(0, lastLine))), /9 of 10 results are in it/);
  await assert.rejects(
    bring(zstdCompressSync(lines.replace('"chunk":0', '"chunk":7'))),
    /is of another chunk: r, a 7/,
  );
  await assert.rejects(bring(zstdCompressSync(lines.replace('"format":1', '"format":9'))), /format 1/);
  assert.deepEqual(readdirSync(join(folder, 'parts')), []);
  assert.equal((await bring(whole))!.rows, 10);
  assert.deepEqual(readdirSync(join(folder, 'parts')), ['c000000-1.jsonl']);
});

test('rows come from the storage as they were put there, and a missing chunk is named', async (t) => {
  const { storage } = await setUp(t);
  const ref = { request: 'a', chunk: 2, round: 1 };
  const data = { text: 'line\n\u2028 "quoted"', none: null, deep: [{ n: 1 }] };
  await writeChunkRows(storage, 'r', ref, [{ index: 21, data, whole: data }]);
  assert.deepEqual(await all(readChunkRows(storage, 'r', ref)), [{ index: 21, data, whole: data }]);
  await assert.rejects(
    all(readChunkRows(storage, 'r', { ...ref, round: 2 })),
    ({ code }: ChunkError) => code === 'no-rows',
  );
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
