import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { openStorage } from '../../src/storage/index.ts';
import { StoreError } from '../../src/store/index.ts';
import { checkTrace } from '../../src/trace/index.ts';
import { type Answer, startOrigin } from '../report/run/origin.ts';
import { rowsIn, startReal, written } from '../report/run/real.ts';
import { temporaryFolder } from '../report/run/reports.ts';
import { InProcess, type Steps } from './in-process.ts';

const ROWS = 95;

const REPORT = `
rows: { sql: "select range as id from range(${ROWS})" }
requests: [{ name: a, url: "URL/{{id}}" }]
limits: { concurrency: 20, retries: 0 }
crunch: [{ name: t, sql: "select \\"index\\", id, status, body->>'$.path' as path from a order by \\"index\\"" }]
dump: [{ table: t, to: t.jsonl }]
fail: { max: 100% }
`;

const echo = (path: string): Answer => [200, { path }];

async function setUp(t: TestContext, answer = echo, yaml = REPORT) {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, answer);
  const report = await written(folder, yaml, origin.url);
  const place = join(folder, 'place');
  const storage = await openStorage(place);
  const scratch = join(folder, 'scratch');
  const start = (steps: Steps = {}, mode: 'new' | 'resume' | 'retry-failed' = 'new') => {
    const distribution = new InProcess(storage, scratch, steps);
    return { distribution, ...startReal(report, { mode, distribution }) };
  };
  return { folder, origin, report, place, storage, scratch, start };
}

const EXPECTED = Array.from({ length: ROWS }, (_, id) => ({ index: id, id, status: 200, path: `/${id}` }));

/** The records of a trace. */
function recordsIn(path: string) {
  return zstdDecompressSync(readFileSync(path))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function holds(
  { folder, scratch }: { folder: string; scratch: string },
  outcome: { tally: { results: number }; trace: string; finished: boolean; requests: readonly object[] },
) {
  assert.deepEqual(rowsIn(folder, 't.jsonl'), EXPECTED, 'each row is in the table once');
  assert.equal(outcome.tally.results, ROWS, 'each result is counted once');
  const records = recordsIn(outcome.trace);
  const exchanges = records.filter(({ kind }) => kind === 'exchange');
  const sockets = records.filter(({ kind }) => kind === 'connection').map(({ local }) => local);
  assert.equal(new Set(sockets).size, sockets.length, 'each connection is in the trace once');
  assert.deepEqual(
    exchanges.map(({ url }) => Number(new URL(url).pathname.slice(1))).sort((one, other) => one - other),
    EXPECTED.map(({ id }) => id),
    'each exchange is in the trace once',
  );
  assert.deepEqual((await checkTrace(outcome.trace)).faults, []);
  for (const worker of existsSync(scratch) ? readdirSync(scratch) : [])
    assert.deepEqual(readdirSync(join(scratch, worker)), [], 'nothing is left in the scratch folder');
}

test('rows that workers fetch in chunks are in the table, the counts and the trace once', async (t) => {
  const all = await setUp(t);
  const { finished, distribution } = all.start();
  const outcome = await finished;
  assert.equal(outcome.exitCode, 0);
  assert.equal(distribution.isFinished, true);
  await holds(all, outcome);
  assert.equal(all.origin.asked.length, ROWS);
  const { run } = distribution.run!.description;
  assert.equal(readdirSync(join(all.place, run, 'chunks', 'a')).length, Math.ceil(ROWS / 10));
  assert.ok(outcome.proof.inFlightMean > 1, 'the proof is of all workers');
  assert.ok(outcome.proof.wantedMean > 1);
});

test('a worker that dies with a chunk leaves nothing of it, and another one fetches it', async (t) => {
  const all = await setUp(t);
  let died = 0;
  const { finished } = all.start({
    async handedOut(ref, attempt) {
      if (ref.chunk !== 3 || died++ > 0) return attempt();
      throw new StoreError('unwritable', 'the worker died');
    },
  });
  assert.equal((await finished).exitCode, 3);
  await holds(all, await all.start({}, 'resume').finished);
});

test('a coordinator that dies after any number of chunks came home loses none of them and counts none twice', async (t) => {
  for (const survived of [0, 1, 4, 9]) {
    const all = await setUp(t);
    let brought = 0;
    const { finished } = all.start({
      beforeBring() {
        if (brought++ === survived) throw new StoreError('unwritable', 'killed');
      },
    });
    assert.equal((await finished).exitCode, 3);
    const asked = all.origin.asked.length;
    const outcome = await all.start({}, 'resume').finished;
    await holds(all, outcome);
    assert.equal(all.origin.asked.length, asked, 'what has a chunk file is not fetched again');
    assert.deepEqual(
      outcome.requests.map(({ done, doneBefore, results }) => [done, doneBefore, results]),
      [[ROWS, 0, ROWS]],
    );
  }
});

test('two workers that fetch the same chunk leave the results of one', async (t) => {
  const all = await setUp(t);
  const { finished } = all.start({
    workers: 2,
    handedOut: (_, attempt) => Promise.all([attempt(), attempt()]),
  });
  await holds(all, await finished);
});

test('--retry-failed fetches again what failed, in a round of its own', async (t) => {
  const all = await setUp(t, (path) => (Number(path.slice(1)) % 7 === 0 ? [500, {}] : echo(path)));
  const first = await all.start().finished;
  assert.equal(first.tally.failed, 14);
  all.origin.answer = echo;
  const second = await all.start({}, 'retry-failed').finished;
  assert.equal(second.tally.results, 14);
  assert.deepEqual(rowsIn(all.folder, 't.jsonl'), EXPECTED);
  assert.deepEqual(
    second.requests.map(({ done, failed, doneBefore }) => [done, failed, doneBefore]),
    [[ROWS, 0, ROWS - 14]],
  );
});

test('rows that were fetched on one machine meanwhile are not taken from a chunk file as well', async (t) => {
  const all = await setUp(t);
  const killed = all.start({
    beforeBring() {
      throw new StoreError('unwritable', 'killed');
    },
  });
  assert.equal((await killed.finished).exitCode, 3);
  // Every chunk has a file now, and none is home.
  all.origin.answer = (path) => [200, { path }, Number(path.slice(1)) < 40 ? 0 : 400];
  const local = startReal(all.report, { mode: 'resume' });
  await local.begun;
  while (local.progress().done < 25) await new Promise((resolve) => setTimeout(resolve, 1));
  local.stop('SIGINT');
  const done = (await local.finished).requests[0]!.done;
  assert.ok(done >= 25 && done < ROWS, `${done}`);
  const outcome = await all.start({}, 'resume').finished;
  assert.equal(outcome.exitCode, 0);
  assert.deepEqual(rowsIn(all.folder, 't.jsonl'), EXPECTED);
  assert.equal(outcome.tally.results, ROWS - done);
  assert.deepEqual(
    outcome.requests.map(({ done, doneBefore }) => [done, doneBefore]),
    [[ROWS, done]],
  );
  // The other way round: what came home from chunks is not fetched again on one machine.
  const asked = all.origin.asked.length;
  await startReal(all.report, { mode: 'retry-failed' }).finished;
  assert.equal(all.origin.asked.length, asked);
  assert.deepEqual(rowsIn(all.folder, 't.jsonl'), EXPECTED);
});

test('a run that was begun on one machine is continued by workers, which fetch only the rest', async (t) => {
  const all = await setUp(t, (path) => [200, { path }, Number(path.slice(1)) < 40 ? 0 : 400]);
  const local = startReal(all.report);
  await local.begun;
  while (local.progress().done < 25) await new Promise((resolve) => setTimeout(resolve, 1));
  local.stop('SIGINT');
  const done = (await local.finished).requests[0]!.done;
  assert.ok(done >= 25 && done < ROWS, `${done}`);
  all.origin.answer = echo;
  const outcome = await all.start({}, 'resume').finished;
  assert.equal(outcome.exitCode, 0);
  assert.deepEqual(rowsIn(all.folder, 't.jsonl'), EXPECTED);
  assert.equal(all.origin.asked.length, ROWS);
  assert.equal(outcome.tally.results, ROWS - done);
});

test('a part that lost its last rows is made whole from its chunk file, without another request', async (t) => {
  const all = await setUp(t);
  let brought = 0;
  const first = await all.start({
    beforeBring() {
      if (brought++ === 5) throw new StoreError('unwritable', 'killed');
    },
  }).finished;
  assert.equal(first.exitCode, 3);
  const part = join(first.folder, 'parts/a/c000002-1.jsonl');
  const lines = readFileSync(part, 'utf8');
  // In the middle of a line, as a disk may leave it after a power cut.
  writeFileSync(part, lines.slice(0, lines.length / 2));
  const asked = all.origin.asked.length;
  await holds(all, await all.start({}, 'resume').finished);
  assert.equal(all.origin.asked.length, asked);
});
