import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { crunch, inline, report, request, run, runsOf, start, temporaryFolder } from './reports.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

function rows(count: number, path: (i: number) => string = (i) => `/get?id=${i}`) {
  return inline(Array.from({ length: count }, (_, i) => ({ id: i, url: `${server.httpUrl}${path(i)}` })));
}

test('a run fetches every row, dumps, and leaves a folder of its own', async (t) => {
  const folder = temporaryFolder(t);
  const r = report(folder, { rows: rows(300) });
  const outcome = await run(r);
  assert.equal(outcome.exitCode, 0);
  assert.equal(outcome.finished, true);
  assert.deepEqual(outcome.requests, [
    { name: 'health', rows: 300, done: 300, doneBefore: 0, failed: 0, results: 300, unchanged: 0, cut: 0 },
  ]);
  assert.equal(readFileSync(join(folder, 'health.jsonl'), 'utf8').split('\n').length, 301);
  assert.equal(statSync(outcome.folder).mode & 0o777, 0o700);
  assert.equal(readFileSync(join(folder, '.abreast/.gitignore'), 'utf8'), '*\n');
  for (const file of ['plan.json', 'rows.rows.jsonl', 'summary.json', 'trace.jsonl.zst'])
    assert.equal(statSync(join(outcome.folder, file)).mode & 0o777, 0o600, file);
  assert.ok(!existsSync(join(outcome.folder, 'run.lock')));
  const summary = JSON.parse(readFileSync(join(outcome.folder, 'summary.json'), 'utf8'));
  assert.equal(summary.finished, true);
  assert.equal(summary.requests, 300);
});

test('a summary that can not be written costs the run nothing, and its absence is noted', async (t) => {
  const begun = start(report(temporaryFolder(t), { rows: rows(20, () => '/delay/0.2') }));
  const { folder } = await begun.begun;
  mkdirSync(join(folder, 'summary.json.new'));
  const outcome = await begun.finished;
  assert.equal(outcome.exitCode, 0);
  assert.match(outcome.notes.join(' '), /there is no summary\.json: EISDIR/);
});

test('what is stopped is resumed, and its dump is that of an unbroken run', async (t) => {
  const folder = temporaryFolder(t);
  const r = report(folder, { rows: rows(200, (i) => `/delay/0.05?id=${i}`) });
  const stopped = start(r);
  await stopped.begun;
  while (stopped.progress().done < 20) await sleep(5);
  stopped.stop('SIGINT');
  const first = await stopped.finished;
  assert.equal(first.exitCode, 3);
  assert.equal(first.finished, false);
  assert.ok(!existsSync(join(folder, 'health.jsonl')));

  const second = await run(r, { mode: 'resume' });
  assert.equal(second.folder, first.folder);
  assert.equal(second.exitCode, 0);
  assert.equal(second.requests[0]!.doneBefore, first.requests[0]!.done);
  assert.equal(first.tally.results + second.tally.results, 200);
  const dump = readFileSync(join(folder, 'health.jsonl'), 'utf8');

  await run(r);
  const origin = /"origin":[^,]*/;
  assert.equal(
    readFileSync(join(folder, 'health.jsonl'), 'utf8').replace(origin, ''),
    dump.replace(origin, ''),
  );
  assert.equal(runsOf(r).length, 2);
  assert.ok(existsSync(join(first.folder, 'trace-2.jsonl.zst')), 'a trace for each invocation');
});

test('resuming with other requests is refused, with other rows it is not; a schedule begins a new run', async (t) => {
  const folder = temporaryFolder(t);
  const r = report(folder, { rows: rows(50, (i) => `/delay/0.2?id=${i}`) });
  const broken = start(r);
  await broken.begun;
  broken.stop('SIGTERM');
  await broken.finished;

  const renamed = {
    ...r,
    requests: [
      request('health', {
        headers: [{ name: 'x', value: { place: { line: 1, column: 1 }, text: 'y', parts: ['y'] } }],
      }),
    ],
  };
  await assert.rejects(run(renamed, { mode: 'resume' }), /its requests.* are not those/);
  const anew = await run({ ...renamed, rows: rows(3) }, { mode: 'resume-or-start' });
  assert.equal(anew.resumed, false);
  assert.match(anew.notResumed!, /can't be resumed\.$/);
  assert.equal(anew.exitCode, 0);
  const others = { ...r, rows: rows(51, (i) => `/get?id=${i}`) };
  const resumed = await run(others, { mode: 'resume' });
  assert.deepEqual([resumed.resumed, resumed.requests[0]!.rows], [true, 50]);
});

test('--resume without anything to go on with says so; --resume-or-start begins', async (t) => {
  const r = report(temporaryFolder(t), { rows: rows(3) });
  await assert.rejects(run(r, { mode: 'resume' }), /there is no run of 'health'/);
  assert.equal((await run(r, { mode: 'resume-or-start' })).exitCode, 0);
  await assert.rejects(run(r, { mode: 'resume' }), /there is nothing to resume/);
  assert.equal((await run(r, { mode: 'resume-or-start' })).resumed, false);
});

test('--retry-failed fetches what failed, and nothing else', async (t) => {
  const folder = temporaryFolder(t);
  let broken = true;
  const flaky = await startServer({ httpsPort: false });
  t.after(() => flaky.close());
  const r = report(folder, {
    rows: inline(
      Array.from({ length: 40 }, (_, i) => ({
        id: i,
        url: `${flaky.httpUrl}/${i % 4 === 0 ? 'status/500' : 'get'}`,
      })),
    ),
  });
  const first = await run(r);
  assert.equal(first.exitCode, 1);
  assert.equal(first.tooManyFailed, true);
  assert.equal(first.requests[0]!.failed, 10);
  broken = false;
  const again = await run(r, { mode: 'retry-failed' });
  assert.equal(again.folder, first.folder);
  assert.equal(again.tally.results, 10);
  assert.equal(again.requests[0]!.done, 40);
  assert.equal(broken, false);
});

test('the deadline ends a run in which the rest is not done, rather than failed', async (t) => {
  const r = report(temporaryFolder(t), { rows: rows(200, () => '/delay/0.1') });
  const outcome = await run({ ...r, limits: { ...r.limits, concurrency: 5, deadline: '500ms' } });
  assert.equal(outcome.exitCode, 3);
  assert.equal(outcome.stopped?.why, 'deadline');
  assert.equal(outcome.tally.failed, 0);
  const { done } = outcome.requests[0]!;
  assert.ok(done > 0 && done < 200, `${done}`);
});

test('a deadline further off than a timer can wait ends no run at once', async (t) => {
  const r = report(temporaryFolder(t), { rows: rows(5, () => '/delay/0.2') });
  const outcome = await run({ ...r, limits: { ...r.limits, deadline: '600h' } });
  assert.equal(outcome.exitCode, 0);
  assert.equal(outcome.stopped, null);
});

test('a second run in the same folder is refused, and what a killed one left is taken over', async (t) => {
  const r = report(temporaryFolder(t), { rows: rows(300, () => '/delay/0.3') });
  const first = start(r);
  const { folder } = await first.begun;
  await assert.rejects(run(r, { mode: 'resume' }), (error: Error) => {
    assert.match(error.message, /another run writes to it/);
    assert.ok(error.message.startsWith(folder));
    return true;
  });
  first.stop('SIGINT');
  await first.finished;
  writeFileSync(
    join(folder, 'run.lock'),
    JSON.stringify({ pid: 2 ** 22 + 1, host: (await import('node:os')).hostname(), born: '1' }),
  );
  assert.equal((await run(r, { mode: 'resume' })).exitCode, 0);
});

test('of ended runs the newest are kept; what is not ours, in use or unfinished stays', async (t) => {
  const r = report(temporaryFolder(t), { rows: rows(2), keep: 2 });
  await run(r);
  const place = join(r.folder, '.abreast/health');
  mkdirSync(join(place, '2000-mine'));
  const unfinished = runsOf(r).find((name) => name.endsWith('Z'))!;
  rmSync(join(place, unfinished, 'summary.json'));
  for (let i = 0; i < 4; i++) await run(r);
  assert.equal(runsOf(r).length, 4, runsOf(r).join());
  assert.ok(existsSync(join(place, '2000-mine')));
  assert.ok(existsSync(join(place, unfinished)));
});

test('--out names the folder of the run, and no other folder is touched', async (t) => {
  const folder = temporaryFolder(t);
  const r = report(folder, { rows: rows(2) });
  const out = join(folder, 'here/it/is');
  assert.equal((await run(r, { out })).folder, out);
  assert.ok(!existsSync(join(folder, '.abreast')));
  await assert.rejects(run(r, { out }), /there is a run in it, which went to its end/);
  await assert.rejects(run(r, { out: folder }), /something else is there already/);
});

test('a place where no folder can be made names --out', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, '.abreast'), 'a file is in the way');
  await assert.rejects(run(report(folder, { rows: rows(1) })), /Name another with --out DIR/);
});

test('names lead out of no folder', async (t) => {
  const folder = temporaryFolder(t);
  const outcome = await run(report(join(folder), { name: '../../up', rows: rows(1) }));
  assert.ok(outcome.folder.startsWith(join(folder, '.abreast/')), outcome.folder);
});

test('a query that is wrong ends a run with 2, and once corrected it is resumed without a request', async (t) => {
  const { ReportError } = await import('../../../src/report/error.ts');
  const query = { name: 'bad', sql: 'selec', place: { line: 1, column: 1 } };
  const r = report(temporaryFolder(t), { rows: rows(10), crunch: [query] });
  const wrong = crunch({
    query: async () => {
      throw new ReportError('report.yaml:9:5: syntax error');
    },
  });
  const first = await run(r, {}, wrong);
  assert.deepEqual([first.exitCode, first.finished, first.stopped?.why], [2, false, 'fault']);
  const mended = await run({ ...r, crunch: [{ ...query, sql: 'select 1' }] }, { mode: 'resume' });
  assert.deepEqual([mended.exitCode, mended.tally.results], [0, 0]);
});

test('a dump that was written is not written again when a run is resumed', async (t) => {
  const folder = temporaryFolder(t);
  const place = { line: 1, column: 1 };
  const append = { kind: 'duckdb', path: join(folder, 'all.db'), mode: 'append', key: [] } as const;
  const r = report(folder, {
    rows: rows(5),
    dumps: [
      { table: 'health', place, to: append },
      { table: 'health', place, to: { kind: 'jsonl', path: join(folder, 'not/there.jsonl') } },
    ],
  });
  const first = await run(r);
  assert.deepEqual([first.exitCode, first.stopped?.why], [3, 'fault']);
  mkdirSync(join(folder, 'not'));
  assert.equal((await run(r, { mode: 'resume' })).exitCode, 0);
  assert.equal(readFileSync(append.path, 'utf8').split('\n').length, 6);
});

test('a check that fails is exit code 1, and the dumps are written all the same', async (t) => {
  const r = report(temporaryFolder(t), {
    rows: rows(5),
    checks: [{ name: 'slo', sql: '', place: { line: 1, column: 1 } }],
  });
  const failing = crunch({ check: async ({ name }) => ({ name, good: false, rows: 1, first: [{ n: 1 }] }) });
  const outcome = await run(r, {}, failing);
  assert.deepEqual([outcome.exitCode, outcome.finished], [1, true]);
  assert.ok(existsSync(join(r.folder, 'health.jsonl')));
});

test('a request may be called as something that every object has', async (t) => {
  const folder = temporaryFolder(t);
  const r = report(folder, { requests: [request('constructor', { rows: rows(3) })], dumps: [] });
  assert.equal((await run(r)).exitCode, 0);
  assert.deepEqual(await run(r).then(({ requests }) => requests.map(({ name, done }) => [name, done])), [
    ['constructor', 3],
  ]);
});
