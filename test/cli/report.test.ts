import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { abreast, begin, end } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';

test('init, --check and a run work in an empty folder, with nothing but abreast', async (t) => {
  const cwd = temporaryFolder(t);
  const first = await abreast(['report', 'init'], { cwd });
  assert.equal(first.code, 0, first.err);

  const check = await abreast(['report', '--check', 'report.yaml'], { cwd });
  assert.equal(check.code, 0, check.err);
  assert.match(check.out, /^GETs {4}health: 5 GETs to the test server$/m);
  assert.deepEqual(globSync('*', { cwd }), ['report.yaml']);

  const run = await abreast(['report', 'report.yaml'], { cwd });
  assert.equal(run.code, 0, run.err);
  assert.match(run.out, /^shipping +200 +\d+ +shipping$/m);
  assert.match(run.err, /^check all services answer: ok$/m);
  const [csv] = globSync('out/services-*.csv', { cwd });
  assert.equal(readFileSync(join(cwd, csv!), 'utf8').split('\n').length, 7);
});

test('init writes over nothing', async (t) => {
  const cwd = temporaryFolder(t);
  lay(cwd, { 'report.yaml': 'mine' });
  const { code, err } = await abreast(['report', 'init'], { cwd });
  assert.equal(code, 2);
  assert.match(err, /report\.yaml is there already, and stays as it is/);
  assert.equal(readFileSync(join(cwd, 'report.yaml'), 'utf8'), 'mine');
});

test('the first line of init names a schema that is there', async (t) => {
  const cwd = temporaryFolder(t);
  await abreast(['report', 'init', 'other.yaml'], { cwd });
  const [, schema] = /^# yaml-language-server: \$schema=(.*)\n/.exec(
    readFileSync(join(cwd, 'other.yaml'), 'utf8'),
  )!;
  assert.match(JSON.parse(readFileSync(schema!, 'utf8')).title, /report/);
});

/** A report over rows, which are answered by a server of this test. */
async function laid(t: TestContext, more: string, rows = 5): Promise<{ cwd: string; server: TestServer }> {
  const server = await startServer({});
  t.after(() => server.close());
  const cwd = temporaryFolder(t);
  const list = Array.from({ length: rows }, (_, id) => `{ id: ${id} }`).join(', ');
  lay(cwd, { 'report.yaml': `rows: { inline: [${list}] }\n${more.replaceAll('SERVER', server.httpUrl!)}` });
  return { cwd, server };
}

test('--check says what would be asked of whom, and sends nothing', async (t) => {
  const { cwd, server } = await laid(
    t,
    `requests:
  - { name: a, url: "SERVER/anything/{{id}}" }
  - { name: b, rows: { sql: select body->>'$.url' as link from a }, url: "{{link}}", pages: { next: link, most: 3 } }
limits: { rate: 1/s, perOrigin: 2, deadline: 2s }
crunch: [{ name: c, sql: select count(*) as n from b }]
check: [{ name: enough, sql: select * from c where n = 0 }]
dump: [{ table: c, to: "out/{{date}}.csv" }]
`,
  );
  const { code, out, err } = await abreast(['report', '--check', 'report.yaml'], { cwd });
  assert.equal(code, 0, err);
  const lines = out.replaceAll(server.httpUrl!, 'SERVER').trimEnd().split('\n');
  assert.deepEqual(lines, [
    'report.yaml is right; nothing was sent',
    '',
    'GETs    a: 5 GETs to SERVER',
    '        b: over rows that come out of earlier answers, each up to 3 pages',
    'time    at best 0.3 s if an answer takes 0.1 s, with 100 in flight',
    '        not under 5.0 s at the rates that are allowed',
    '        rows and pages that are not known yet come on top',
    '        ends at the deadline of 2s: it will not be done by then',
    'tables  rows, a, b, c',
    'checks  enough',
    'dumps   c to out/{{date}}.csv',
  ]);
  assert.equal(server.stats().requests, 0);
  const json = JSON.parse((await abreast(['report', '--check', 'report.yaml', '--json'], { cwd })).out);
  assert.deepEqual(json.requests[0].origins, { [server.httpUrl!]: 5 });
  assert.deepEqual(json.atBest, { byRateMs: 5000, rounds: 3 });
});

test('bad SQL is told before the first request', async (t) => {
  const { cwd, server } = await laid(
    t,
    'requests: [{ name: a, url: "SERVER/get" }]\ncrunch: [{ name: b, sql: select nothing from a }]\n',
  );
  const { code, err } = await abreast(['report', 'report.yaml'], { cwd });
  assert.equal(code, 2);
  assert.match(err, /^report\.yaml:3:\d+: there is no column 'nothing'/);
  assert.equal(server.stats().requests, 0);
});

test('a column that the rows of a file have not is told before the first request', async (t) => {
  const { cwd, server } = await laid(t, '');
  lay(cwd, {
    'rows.csv': 'host,id\na,1\n',
    'report.yaml': `rows: { csv: rows.csv }\nrequests: [{ name: a, url: "${server.httpUrl}/{{hots}}" }]\n`,
  });
  const { code, err } = await abreast(['report', 'report.yaml'], { cwd });
  assert.equal(code, 2);
  assert.match(err, /^report\.yaml:2:\d+: no row has the column 'hots'; did you mean 'host'\?$/m);
  assert.equal(server.stats().requests, 0);
  assert.equal(existsSync(join(cwd, '.abreast/report/plan.json')), false);
});

test('a check that fails is named with its rows, and is exit code 1', async (t) => {
  const { cwd } = await laid(
    t,
    `requests: [{ name: a, url: "SERVER/anything/{{id}}" }]
check: [{ name: no id above 2, sql: select id from a where id > 2 order by id }, { name: some, sql: select 1 where false }]
`,
  );
  const { code, err } = await abreast(['report', 'report.yaml', '--json-file', 'out.json'], { cwd });
  assert.equal(code, 1, err);
  assert.match(err, /^check no id above 2: failed, 2 rows\n {2}\{"id":3\}\n {2}\{"id":4\}\ncheck some: ok$/m);
  const summary = JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8'));
  assert.equal(summary.exitCode, 1);
  assert.match(summary.overlap, /^(?:concurrent|partly)$/); // a busy machine lets few go at a time
});

test('more failed rows than may are exit code 1, which fail.max says', async (t) => {
  const failing = 'requests: [{ name: a, url: "SERVER/status/{{?id:404}}" }]\n';
  const { cwd } = await laid(t, failing);
  const { code, err } = await abreast(['report', 'report.yaml', '--quiet'], { cwd });
  assert.equal(code, 1);
  assert.equal(err, '5 of 5 rows failed: more than `fail` in the file allows\n');
  lay(cwd, { 'report.yaml': `${readFileSync(join(cwd, 'report.yaml'), 'utf8')}fail: { max: 100% }\n` });
  assert.equal((await abreast(['report', 'report.yaml'], { cwd })).code, 0);
});

test('Ctrl-C is exit code 3, --resume asks for the rest only, and tables go to standard error with --json', async (t) => {
  const { cwd, server } = await laid(
    t,
    `requests: [{ name: a, url: "SERVER/delay/0.2?id={{id}}" }]
limits: { concurrency: 5 }
crunch: [{ name: b, sql: "select count(*) as n, count(distinct id) as ids from a" }]
dump: [{ table: b, to: terminal }]
`,
    60,
  );
  const child = begin(['report', 'report.yaml'], { cwd });
  while (server.stats().requests < 10) await sleep(20);
  child.kill('SIGINT');
  const stopped = await end(child);
  assert.equal(stopped.code, 3, stopped.err);
  assert.match(stopped.err, /To continue: abreast report --resume report\.yaml$/m);
  const before = server.stats().requests;
  assert.ok(before < 60);

  const resumed = await abreast(['report', 'report.yaml', '--resume', '--json'], { cwd });
  assert.equal(resumed.code, 0, resumed.err);
  assert.match(resumed.err, /^continuing .*\.abreast\//m);
  assert.equal(server.stats().requests, 60);
  assert.equal(JSON.parse(resumed.out).report.requests[0].doneBefore, before);
  assert.match(resumed.err, /^ *60 +60$/m);
});

test('what can be done only once or not at all is refused with exit code 2', async (t) => {
  const { cwd } = await laid(t, 'requests: [{ name: a, url: "SERVER/get" }]\n');
  const refused = async (...args: string[]) => {
    const { code, err } = await abreast(['report', ...args], { cwd });
    assert.equal(code, 2, err);
    assert.doesNotMatch(err, /^\s+at /m);
    return err;
  };
  assert.match(await refused(), /missing required argument 'file'/);
  assert.match(await refused('nothing.yaml'), /^nothing\.yaml: there is no such file$/m);
  assert.match(await refused('report.yaml', '--resume', '--retry-failed'), /cannot be used with/);
  assert.match(await refused('report.yaml', '--resume'), /--resume/);
  assert.match(await refused('report.yaml', '--workers', '0'), /whole number from 1 to 999, or auto/);
});

test('a run that overlaps with another is no bad usage: exit code 4, and one line', async (t) => {
  const cwd = temporaryFolder(t);
  lay(cwd, {
    'report.yaml': `testServer: true
rows: { sql: "select range as id from range(50)" }
requests: [{ name: a, url: "\${TEST_SERVER}/delay/9?id={{id}}" }]
`,
  });
  const first = begin(['report', 'report.yaml', '--resume-or-start', '-q'], { cwd });
  const ended = end(first);
  while (globSync('.abreast/report/*/plan.json', { cwd }).length === 0) await sleep(20);
  const second = await abreast(['report', 'report.yaml', '--resume-or-start', '-q'], { cwd });
  first.kill('SIGTERM');
  await sleep(300); // two within 200 ms are one
  first.kill('SIGTERM');
  await ended;
  assert.equal(second.code, 4, second.err);
  assert.match(second.err, /^error: .*another run writes to it \(process \d+ on .*\n$/);
});

test('the test server of a report ends with it, however that ends', async (t) => {
  const cwd = temporaryFolder(t);
  lay(cwd, {
    'report.yaml': `testServer: true
requests: [{ name: a, url: "\${TEST_SERVER}/delay/9" }]
`,
  });
  const child = begin(['report', 'report.yaml', '--progress', 'none'], { cwd });
  t.after(() => child.kill('SIGKILL'));
  const server = await childOf(child.pid!);
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (let tries = 0; existsSync(`/proc/${server}`); tries++) {
    assert.ok(tries < 100, 'the server is still there');
    await sleep(50);
  }
});

/** The first child of a process. */
async function childOf(pid: number): Promise<number> {
  for (;;) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (children !== '') return Number(children.split(' ')[0]);
    await sleep(20);
  }
}

test('--max-memory bounds what SQL takes: too little is one line with the place and what to raise', async (t) => {
  const { cwd } = await laid(t, '');
  lay(cwd, {
    'report.yaml': `testServer: true
rows: { inline: [{ id: 1 }] }
requests: [{ name: a, url: "\${TEST_SERVER}/get?id={{id}}" }]
limits: { memory: 4GB }
crunch: [{ name: numbers, sql: "select list(range) as numbers from a, range(15_000_000)" }]
`,
  });
  const little = await abreast(['report', 'report.yaml', '-q', '--max-memory', '100MB'], { cwd });
  assert.equal(little.code, 2);
  assert.match(little.err, /^report\.yaml:5:33: .*raise `limits\.memory` in the file, or --max-memory/m);
  const enough = await abreast(['report', 'report.yaml', '-q', '--resume'], { cwd });
  assert.equal(enough.code, 0, enough.err);
});

test('at the deadline the tables of what was fetched are shown, as partial; --resume makes them whole', async (t) => {
  const { cwd } = await laid(t, '');
  lay(cwd, {
    'report.yaml': `testServer: true
rows: { inline: [{ delay: 0 }, { delay: 0.001 }, { delay: 6 }] }
requests:
  - { name: a, url: "\${TEST_SERVER}/delay/{{delay}}" }
  - { name: b, rows: { sql: "select status as code from a" }, url: "\${TEST_SERVER}/get?s={{code}}" }
limits: { deadline: 2s }
crunch: [{ name: t, sql: "select (select count(*) from a) as fetched, (select count(status) from b) as later" }]
dump: [{ table: t, to: terminal }, { table: t, to: t.jsonl }, { table: t, to: t.duckdb, mode: append }]
check: [{ name: all were fetched, sql: "select 1 where (select count(*) from a) < 3" }]
`,
  });
  const late = await abreast(['report', 'report.yaml', '--json-file', 'late.json'], { cwd });
  assert.equal(late.code, 3, late.err);
  assert.match(late.out, /^t \(partial\)\nfetched +later\n +2 +0\n/);
  assert.match(late.err, /t\.jsonl \(1 row, partial\)/);
  const json = JSON.parse(readFileSync(join(cwd, 'late.json'), 'utf8'));
  assert.deepEqual([json.finished, json.partial, json.report.checks], [false, true, []]);
  assert.equal(existsSync(join(cwd, 't.duckdb')), false);

  const file = readFileSync(join(cwd, 'report.yaml'), 'utf8');
  lay(cwd, { 'report.yaml': file.replace('deadline: 2s', 'deadline: 60s') });
  const whole = await abreast(['report', 'report.yaml', '--resume', '--json-file', 'whole.json'], { cwd });
  assert.equal(whole.code, 0, whole.err);
  assert.equal(readFileSync(join(cwd, 't.jsonl'), 'utf8'), '{"fetched":3,"later":3}\n');
  assert.equal(JSON.parse(readFileSync(join(cwd, 'whole.json'), 'utf8')).partial, false);
});
