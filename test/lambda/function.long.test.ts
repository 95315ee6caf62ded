import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { lay } from '../folder.ts';
import { type Outcome, Sandbox } from './lambda.ts';
import { eventOf, Queue } from './queue.ts';
import { layFunction, type Site, startSite } from './site.ts';

/** As EventBridge sends it. */
const SCHEDULED = {
  id: 'd5a1b2c3-0000-4000-8000-000000000000',
  time: '2026-11-29T03:15:00Z',
  source: 'aws.scheduler',
};
const RUN = '2026-11-29T03-15-00Z-d5a1b2c3';

test('what does not fit into one invocation is carried on by the queue, and every row is asked for once', async (t) => {
  const site = await startSite(t, 50);
  const { env, storage } = layFunction(t, { url: site.url, rows: 1500 });
  const queue = await Queue.start(t);
  const sandbox = await Sandbox.start(t, { env: { ...env, ...queue.env }, timeoutMs: 5000 });
  queue.messages.push({ messageId: 'm-1', body: JSON.stringify(SCHEDULED), delayS: 0, receives: 0 });
  const outcomes = await queue.drain(sandbox);

  assert.ok(outcomes.length > 1, `${outcomes.length} invocations`);
  const { batchItemFailures, ...last } = returned(outcomes.at(-1)!);
  assert.deepEqual(batchItemFailures, []);
  assert.deepEqual(last, {
    done: true,
    run: RUN,
    storage: join(storage, RUN),
    exitCode: 0,
    rows: 1500,
    failed: 0,
  });
  assert.equal(site.asked.size, 1500);
  // A machine that stands still for so long that an invocation is killed costs no more than that.
  if (outcomes.every(({ kind }) => kind === 'response')) assert.deepEqual(askedMoreThanOnce(site), []);
  assert.equal(
    readFileSync(join(storage, RUN, 'files/out/counts.csv'), 'utf8'),
    'n,ids,good\n1500,1500,1500\n',
  );
  const summary = JSON.parse(readFileSync(join(storage, RUN, 'summary.json'), 'utf8'));
  assert.equal(summary.requests, 1500, 'the trace is of all invocations');
  assert.ok(existsSync(summary.trace) && summary.trace.startsWith(storage), summary.trace);
  const { folder, dumps } = summary.report;
  assert.deepEqual([folder, dumps[0].to], [join(storage, RUN), join(storage, RUN, 'files/out/counts.csv')]);
});

test('a killed invocation is carried on when it can not be alive any more: only what had no chunk file is fetched again', async (t) => {
  const site = await startSite(t, 50);
  const { env, storage } = layFunction(t, { url: site.url, rows: 700 });
  const chunksFolder = join(storage, 'mine/chunks/health');
  const queue = await Queue.start(t);
  const sandbox = await Sandbox.start(t, {
    env: { ...env, ...queue.env, ABREAST_CHUNK_ROWS: '50' },
    timeoutMs: 60_000,
  });
  queue.messages.push({ messageId: 'm-1', body: '{"run":"mine"}', delayS: 0, receives: 0 });
  const [message] = queue.messages;
  const chunks = () =>
    (existsSync(chunksFolder) ? readdirSync(chunksFolder) : []).filter((name) => /^\d/.test(name));
  const killed = await sandbox.invoke(eventOf(message!), { killWhen: () => chunks().length > 3 });
  assert.equal(killed.kind, 'killed');
  const written = chunks().map((name) => Number(name.slice(0, 6)));

  const early = await sandbox.invoke(eventOf(message!));
  assert.deepEqual(returned(early), { batchItemFailures: [{ itemIdentifier: 'm-1' }] });

  // As if its time were over.
  writeFileSync(join(storage, 'mine/turns/000001.json'), '{"event":1,"requestId":"r","untilMs":0}');
  const outcomes = await queue.drain(sandbox);
  assert.deepEqual(doneOf(outcomes.at(-1)!), { done: true, exitCode: 0, rows: 700 });
  const again = askedMoreThanOnce(site);
  assert.deepEqual(
    again.filter((id) => written.includes(Math.floor(id / 50))),
    [],
  );
  assert.ok(again.length > 0, 'what was under way is fetched again');
  assert.equal(site.asked.size, 700);
});

test('two deliveries of one message do not run side by side', async (t) => {
  const site = await startSite(t, 50);
  const { env } = layFunction(t, { url: site.url, rows: 300 });
  const sandboxes = await Promise.all([1, 2].map(() => Sandbox.start(t, { env, timeoutMs: 20_000 })));
  const event = eventOf({ messageId: 'm-1', body: '{"run":"mine"}' });
  const outcomes = await Promise.all(sandboxes.map((sandbox) => sandbox.invoke(event)));
  const values = outcomes.map(returned);
  assert.equal(values.filter(({ done }) => done === true).length, 1);
  assert.equal(values.filter(({ batchItemFailures }) => batchItemFailures?.length === 1).length, 1);
  assert.deepEqual(askedMoreThanOnce(site), []);

  const late = await sandboxes[0]!.invoke(event);
  assert.deepEqual(doneOf(late), { done: true, exitCode: 0, rows: 300 });
  assert.deepEqual(askedMoreThanOnce(site), []);
});

test('without a queue an invocation returns the event of the next one', async (t) => {
  const site = await startSite(t, 50);
  const { env } = layFunction(t, { url: site.url, rows: 2300 });
  const sandbox = await Sandbox.start(t, { env, timeoutMs: 8000 });
  let value: Record<string, unknown> = { run: 'mine' };
  let invocations = 0;
  for (; value.done !== true && invocations < 9; invocations++) value = returned(await sandbox.invoke(value));
  assert.ok(invocations > 1);
  assert.equal(value.rows, 2300);
  assert.deepEqual(askedMoreThanOnce(site), []);
});

test('a second state machine for a held run waits by its retries, and does not ask again and again', async (t) => {
  const site = await startSite(t, 0);
  const { env, storage } = layFunction(t, { url: site.url, rows: 1 });
  const held = { event: 3, requestId: 'r', untilMs: Date.now() + 60_000 };
  lay(storage, { 'mine/turns/000003.json': JSON.stringify(held) });
  const sandbox = await Sandbox.start(t, { env, timeoutMs: 20_000 });
  const outcome = await sandbox.invoke({ run: 'mine' });
  const said = outcome.kind === 'error' ? outcome.error.errorMessage : outcome.kind;
  assert.match(said, /run mine is being carried on by another invocation, for at most 6\d s/);
});

test('a chunk that no invocation has the time for ends the run with what to do', async (t) => {
  const site = await startSite(t, 60_000);
  const { env } = layFunction(t, { url: site.url, rows: 50, concurrency: 5 });
  const queue = await Queue.start(t);
  const sandbox = await Sandbox.start(t, { env: { ...env, ...queue.env }, timeoutMs: 4000 });
  queue.messages.push({ messageId: 'm-1', body: '{"run":"mine"}', delayS: 0, receives: 0 });
  const outcomes = await queue.drain(sandbox);
  const errors = outcomes.flatMap((outcome) => (outcome.kind === 'error' ? outcome.error.errorMessage : []));
  assert.equal(errors.length, 1);
  assert.match(
    errors[0]!,
    /run mine is given up: 3 invocations .* chunk of 50 rows\. .*: set limits\.timeout .*ABREAST_CHUNK_ROWS lower/,
  );
  assert.equal(returned(outcomes.at(-1)!).exitCode, 3, 'another attempt begins nothing');
});

test('an invocation that is too short for everything at once makes the tables when nothing is left to fetch', async (t) => {
  const site = await startSite(t, 0);
  const { env } = layFunction(t, { url: site.url, rows: 20 });
  const sandbox = await Sandbox.start(t, { env, timeoutMs: 2900 });
  let value: Record<string, unknown> = { run: 'mine' };
  for (let invocations = 0; value.done !== true && invocations < 4; invocations++)
    value = returned(await sandbox.invoke(value));
  assert.deepEqual([value.done, value.exitCode, value.rows], [true, 0, 20]);
});

test('the deadline of a report is that of the run, over all its invocations; tables are made of what there is', async (t) => {
  const site = await startSite(t, 50);
  const { env, storage } = layFunction(t, { url: site.url, rows: 3000, deadline: '6s' });
  const sandbox = await Sandbox.start(t, { env, timeoutMs: 5000 });
  let value: Record<string, unknown> = { run: 'mine' };
  let invocations = 0;
  for (; value.done !== true && invocations < 4; invocations++) value = returned(await sandbox.invoke(value));
  assert.ok(invocations > 1);
  const { done, exitCode, rows } = value;
  assert.deepEqual([done, exitCode], [true, 3]);
  const [, counts] = readFileSync(join(storage, 'mine/files/out/counts.csv'), 'utf8').split('\n');
  assert.equal(counts, `${rows},${rows},${rows}`);
  assert.ok(Number(rows) > 0 && Number(rows) < 3000, `${rows} rows`);
});

test('wrong SQL, a failed check and a missing variable are told, and are no reason to try again', async (t) => {
  const site = await startSite(t, 0);
  const { env, report } = layFunction(t, {
    url: site.url,
    rows: 10,
    more: 'check: [{ name: none, sql: "from health" }]',
  });
  const sandbox = await Sandbox.start(t, { env, timeoutMs: 20_000 });
  assert.equal(returned(await sandbox.invoke({ run: 'checked' })).exitCode, 1);
  writeFileSync(report, readFileSync(report, 'utf8').replace('count(distinct id)', 'count(distinct idd)'));
  assert.equal(returned(await sandbox.invoke({ run: 'wrong' })).exitCode, 2);
  const asked = [...site.asked.values()];
  writeFileSync(report, readFileSync(report, 'utf8').replace('count(distinct idd)', 'count(distinct id)'));
  assert.equal(returned(await sandbox.invoke({ run: 'wrong' })).exitCode, 1, 'the check fails, as above');
  assert.deepEqual([...site.asked.values()], asked, 'the repaired SQL needs no request');

  const without = await Sandbox.start(t, { env: { ...env, ABREAST_STORAGE: '' }, timeoutMs: 20_000 });
  const outcome = await without.invoke({});
  assert.ok(outcome.kind === 'error');
  assert.match(outcome.error.errorMessage, /the variable ABREAST_STORAGE is not set/);
  const arn = 'arn:aws:sqs:eu-central-1:000000000000:runs';
  const byArn = await Sandbox.start(t, { env: { ...env, ABREAST_QUEUE_URL: arn }, timeoutMs: 20_000 });
  const refused = await byArn.invoke({});
  assert.match(
    refused.kind === 'error' ? refused.error.errorMessage : '',
    /it is the URL of a queue.*not its name or ARN/,
  );
});

test('a dump that fails keeps those before it, and a later attempt adds to them', async (t) => {
  const site = await startSite(t, 0);
  let posts = 0;
  const hook = createServer((request, response) => {
    request.resume();
    response.writeHead(++posts <= 3 ? 500 : 200).end();
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  t.after(() => hook.close());
  const { env, storage, report } = layFunction(t, { url: site.url, rows: 10 });
  const dumps = [
    'out/counts.csv',
    'out/all.duckdb',
    `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`,
  ];
  const dump = [...dumps.map((to) => ({ table: 'counts', to })), { table: 'health', to: 'out/all.duckdb' }];
  writeFileSync(report, readFileSync(report, 'utf8').replace(/^dump: .*$/m, `dump: ${JSON.stringify(dump)}`));
  const sandbox = await Sandbox.start(t, { env, timeoutMs: 60_000 });
  const failed = await sandbox.invoke({ run: 'mine' });
  assert.match(failed.kind === 'error' ? failed.error.errorMessage : failed.kind, /it answered 500/);
  assert.equal(returned(await sandbox.invoke({ run: 'mine' })).exitCode, 0);

  const files = join(storage, 'mine/files/out');
  assert.equal(readFileSync(join(files, 'counts.csv'), 'utf8'), 'n,ids,good\n10,10,10\n');
  const database = await (await DuckDBInstance.create(join(files, 'all.duckdb'))).connect();
  const tables = await database.runAndReadAll('select table_name from duckdb_tables() order by 1');
  assert.deepEqual(tables.getRows(), [['counts'], ['health']]);
  database.closeSync();
});

function returned(outcome: Outcome): Record<string, unknown> & { batchItemFailures?: readonly unknown[] } {
  assert.equal(outcome.kind, 'response', JSON.stringify(outcome));
  return (outcome as Extract<Outcome, { kind: 'response' }>).value as Record<string, unknown>;
}

function doneOf(outcome: Outcome): object {
  const { done, exitCode, rows } = returned(outcome);
  return { done, exitCode, rows };
}

function askedMoreThanOnce({ asked }: Site): readonly number[] {
  return [...asked].filter(([, times]) => times > 1).map(([id]) => id);
}
