import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, startOrigin } from './origin.ts';
import { everythingIn, rowsIn, runReal, startReal, written } from './real.ts';
import { runsOf, temporaryFolder } from './reports.ts';

const lay = (folder: string, name: string, text: string) => writeFileSync(join(folder, name), text);

/** Answers 404 to the paths that it is told, and to all others with the path. */
const failing =
  (...bad: readonly string[]) =>
  (path: string): Answer =>
    bad.includes(path) ? [404, {}] : [200, { path }];

const STAFF = `
rows: { sql: "select * from s order by name", files: { s: s.csv } }
requests: [{ name: a, url: "URL/{{name}}" }]
fail: { max: 100% }
crunch: [{ name: t, sql: "select \\"index\\", name, status, body->>'$.path' as path from a" }]
dump: [{ table: t, to: t.jsonl }]
`;

test('--retry-failed puts no answer under another row when the source has got a row more', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, failing('/c'));
  lay(folder, 's.csv', 'name\nb\nc\nd\n');
  const report = await written(folder, STAFF, origin.url);
  await runReal(report);
  lay(folder, 's.csv', 'name\na\nb\nc\nd\n');
  origin.answer = failing();
  const again = await runReal(report, { mode: 'retry-failed' });
  assert.equal(again.exitCode, 0);
  assert.deepEqual(origin.asked.slice(3), ['/c']);
  assert.deepEqual(
    rowsIn(folder, 't.jsonl').map(({ name, path }) => [name, path]),
    [
      ['b', '/b'],
      ['c', '/c'],
      ['d', '/d'],
    ],
  );
});

test('a run whose rows came from now() is neither refused by --resume nor dropped by --resume-or-start', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, (path) => [200, { path }, 20]);
  const report = await written(
    folder,
    `
rows: { sql: "select range as id, now()::varchar as asked from range(60)" }
requests: [{ name: a, url: "URL/{{id}}" }]
limits: { concurrency: 5 }
crunch: [{ name: t, sql: "select id, row.asked as planned, asked from a" }]
dump: [{ table: t, to: t.jsonl }]
`,
    origin.url,
  );
  const stopAt = async (done: number, mode: 'new' | 'resume') => {
    const run = startReal(report, { mode });
    await run.begun;
    while (run.progress().done < done) await sleep(5);
    run.stop('SIGTERM');
    return run.finished;
  };
  const first = await stopAt(10, 'new');
  assert.equal(first.finished, false);
  const second = await stopAt(10, 'resume');
  assert.equal(second.folder, first.folder);
  const last = await runReal(report, { mode: 'resume-or-start' });
  assert.equal(last.folder, first.folder);
  assert.equal(last.exitCode, 0);
  assert.equal(runsOf(report).length, 1);
  const rows = rowsIn(folder, 't.jsonl');
  assert.deepEqual(
    rows.map(({ id }) => id),
    Array.from({ length: 60 }, (_, id) => id),
  );
  assert.equal(new Set(rows.map(({ asked }) => asked)).size, 1, 'all rows are those of one plan');
  assert.equal(origin.asked.length, 60);
});

test('a refused --retry-failed changes nothing on disk', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, failing('/c'));
  lay(folder, 's.csv', 'name,token\nb,secret-of-b\nc,secret-of-c\n');
  const yaml = `${STAFF}\nsecret: [token]`;
  const report = await written(folder, yaml, origin.url);
  const { folder: run } = await runReal(report);
  const before = everythingIn(run);
  const others = await written(folder, yaml.replace('{{name}}"', '{{name}}?x"'), origin.url);
  await assert.rejects(runReal(others, { mode: 'retry-failed' }), /its requests.* are not those/);
  lay(folder, 's.csv', 'name,token\na,secret-of-a\nb,secret-of-b\nc,secret-of-c\n');
  await assert.rejects(
    runReal(report, { mode: 'retry-failed' }),
    /rows of 'rows' .*\(2 then, 3 now\).*secret columns/,
  );
  assert.deepEqual(everythingIn(run), before);
});

test('rows that somebody has changed in the folder of the run are refused', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, failing('/c'));
  lay(folder, 's.csv', 'name\nb\nc\n');
  const report = await written(folder, STAFF, origin.url);
  const { folder: run } = await runReal(report);
  const path = join(run, 'rows.rows.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"b"', '"x"'));
  await assert.rejects(runReal(report, { mode: 'retry-failed' }), /rows\.rows\.jsonl .*changed/);
});

test('secret columns are read again when a run is resumed, though a secret is a new one', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, failing('/c?secret-of-c'));
  lay(folder, 's.csv', 'name,token\nb,secret-of-b\nc,secret-of-c\n');
  const report = await written(
    folder,
    STAFF.replace('{{name}}"', '{{name}}?{{token}}"').concat('secret: [token]'),
    origin.url,
  );
  const { folder: run } = await runReal(report);
  lay(folder, 's.csv', 'name,token\nb,secret-of-b\nc,fresh-of-c\n');
  assert.equal((await runReal(report, { mode: 'retry-failed' })).exitCode, 0);
  assert.deepEqual(origin.asked.slice(2), ['/c?fresh-of-c']);
  for (const [path, , text] of everythingIn(run)) assert.doesNotMatch(text, /-of-[bc]/, path);
});

test('rows with secret columns that come from now() are asked for as they were planned', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, (path) => [200, { path }, 10]);
  const report = await written(
    folder,
    `
rows: { sql: "select range as id, now()::varchar as asked, 'hidden-' || range as token from range(20)" }
requests: [{ name: a, url: "URL/{{id}}?{{token}}" }]
secret: [token]
limits: { concurrency: 2 }
crunch: [{ name: t, sql: "select id, count(*) as n from a join rows using (id, asked) group by id order by id" }]
dump: [{ table: t, to: t.jsonl }]
`,
    origin.url,
  );
  assert.equal((await runReal(report)).exitCode, 0);
  assert.equal(rowsIn(folder, 't.jsonl').length, 20);
  assert.equal(new Set(origin.asked).size, 20);
  const stopped = startReal(report);
  await stopped.begun;
  while (stopped.progress().done < 2) await sleep(5);
  stopped.stop('SIGTERM');
  await stopped.finished;
  await assert.rejects(runReal(report, { mode: 'resume' }), /rows of 'rows' .*secret columns/);
  const anew = await runReal(report, { mode: 'resume-or-start' });
  assert.equal(anew.resumed, false);
  assert.match(anew.notResumed!, /Their secret columns are read again/);
});

const TEAMS = `
rows: { inline: [{ team: blue }, { team: red }] }
requests:
  - { name: teams, url: "URL/teams/{{team}}" }
  - name: services
    rows: { sql: "select unnest(from_json(body->'$.services', '[\\"varchar\\"]')) as service from teams order by 1" }
    url: "URL/services/{{service}}"
fail: { max: 100% }
crunch: [{ name: t, sql: "select \\"index\\", service, status, body->>'$.path' as path from services" }]
dump: [{ table: t, to: t.jsonl }]
`;

/** Teams, each with two services; those that are told fail. */
const teams =
  (...bad: readonly string[]) =>
  (path: string): Answer => {
    const team = /^\/teams\/(\w+)/.exec(path)?.[1];
    if (bad.includes(path)) return [500, {}];
    return [200, team === undefined ? { path } : { path, services: [`${team}1`, `${team}2`] }];
  };

test('rows that come out of retried answers are added behind those that were planned, which keep their answers', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, teams('/teams/blue', '/services/red2'));
  const report = await written(folder, TEAMS.replace('fail:', 'limits: { retries: 0 }\nfail:'), origin.url);
  await runReal(report);
  const before = origin.asked.length;
  origin.answer = teams();
  const again = await runReal(report, { mode: 'retry-failed' });
  assert.equal(again.exitCode, 0);
  assert.deepEqual(origin.asked.slice(before).sort(), [
    '/services/blue1',
    '/services/blue2',
    '/services/red2',
    '/teams/blue',
  ]);
  assert.deepEqual(
    rowsIn(folder, 't.jsonl').map(({ index, path }) => [index, path]),
    ['/services/red1', '/services/red2', '/services/blue1', '/services/blue2'].entries().toArray(),
  );
});

test('a --retry-failed that is stopped loses no retry and no further row, and leaves no old dump: --resume brings all', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, teams('/teams/blue', '/services/red2'));
  const report = await written(folder, TEAMS.replace('fail:', 'limits: { retries: 0 }\nfail:'), origin.url);
  await runReal(report);
  origin.answer = (path) => [...teams()(path).slice(0, 2), 300] as unknown as Answer;
  const stopped = startReal(report, { mode: 'retry-failed' });
  await stopped.begun;
  while (stopped.progress().inFlight === 0) await sleep(5);
  stopped.stop('SIGTERM');
  assert.equal((await stopped.finished).finished, false);
  assert.equal((await runReal(report, { mode: 'resume' })).exitCode, 0);
  assert.deepEqual(
    rowsIn(folder, 't.jsonl').map(({ service, status }) => [service, status]),
    [
      ['red1', 200],
      ['red2', 200],
      ['blue1', 200],
      ['blue2', 200],
    ],
  );
});

test('rows of later requests with secret columns are found again though further ones come before them', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, teams('/teams/blue', '/services/red2?key-red2'));
  const yaml = TEAMS.replace(' as service from', " as service, 'key-' || service as token from")
    .replace('{{service}}"', '{{service}}?{{token}}"')
    .replace('fail:', 'secret: [token]\nlimits: { retries: 0 }\nfail:');
  const report = await written(folder, yaml, origin.url);
  await runReal(report);
  const before = origin.asked.length;
  origin.answer = teams();
  assert.equal((await runReal(report, { mode: 'retry-failed' })).exitCode, 0);
  assert.deepEqual(origin.asked.slice(before).sort(), [
    '/services/blue1?key-blue1',
    '/services/blue2?key-blue2',
    '/services/red2?key-red2',
    '/teams/blue',
  ]);
  assert.deepEqual(
    rowsIn(folder, 't.jsonl').map(({ service }) => service),
    ['red1', 'red2', 'blue1', 'blue2'],
  );
});

test('rows of now() over retried answers are not doubled', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, teams('/teams/blue'));
  const yaml = TEAMS.replace(' as service from', ' as service, now()::varchar as asked from');
  const report = await written(folder, yaml.replace('fail:', 'limits: { retries: 0 }\nfail:'), origin.url);
  await runReal(report);
  origin.answer = teams();
  const again = await runReal(report, { mode: 'retry-failed' });
  assert.deepEqual(
    rowsIn(folder, 't.jsonl').map(({ service }) => service),
    ['red1', 'red2'],
  );
  assert.match(again.notes.join(), /services: .*stay as they were planned/);
});

test('a run folder that was killed while further rows were written is resumed', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, teams('/teams/blue'));
  const report = await written(folder, TEAMS.replace('fail:', 'limits: { retries: 0 }\nfail:'), origin.url);
  const { folder: run } = await runReal(report);
  // The rows have taken their place, the plan does not name them yet.
  appendFileSync(join(run, 'services.rows.jsonl'), '{"service":"blue1"}\n');
  assert.ok(readdirSync(run).includes('plan.json'));
  origin.answer = teams();
  assert.equal((await runReal(report, { mode: 'retry-failed' })).exitCode, 0);
  assert.deepEqual(
    rowsIn(folder, 't.jsonl').map(({ service }) => service),
    ['red1', 'red2', 'blue1', 'blue2'],
  );
});

test('--retry-failed with good.sql does not fail because the table of before is there', async (t) => {
  const folder = temporaryFolder(t);
  const origin = await startOrigin(t, () => [200, { up: false }]);
  const report = await written(
    folder,
    `rows: { inline: [{ id: 1 }, { id: 2 }] }
requests: [{ name: a, url: "URL/{{id}}", good: { sql: "(body->>'$.up') = 'true'" } }]
dump: [{ table: a, to: a.jsonl }]
`,
    origin.url,
  );
  assert.equal((await runReal(report)).exitCode, 1);
  origin.answer = () => [200, { up: true }];
  const again = await runReal(report, { mode: 'retry-failed' });
  assert.deepEqual([again.finished, again.exitCode], [true, 0]);
});
