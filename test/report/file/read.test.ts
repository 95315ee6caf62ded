import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DocumentError } from '../../../src/document/index.ts';
import { readReport } from '../../../src/report/file/index.ts';
import { temporaryFolder } from '../../folder.ts';

const ENV = { TOKEN: 'sesame' };

/** The message of what is wrong with a file of this text, its path left out. */
async function faultsOf(t: TestContext, text: string, env: Record<string, string> = ENV): Promise<string> {
  const file = join(temporaryFolder(t), 'report.yaml');
  writeFileSync(file, text);
  try {
    await readReport(file, env);
  } catch (error) {
    assert.ok(error instanceof DocumentError, String(error));
    return error.message.replaceAll(`${file}:`, '');
  }
  return assert.fail('no fault was found');
}

/** A file of one request, whose lines follow. */
const request = (lines: string) => `requests:\n  - name: a\n    ${lines.replaceAll('\n', '\n    ')}\n`;

test('the file of the documentation is read as it is meant', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'services.csv'), 'host,delay,id\na.example.com,1,1\n');
  writeFileSync(
    join(folder, 'report.yaml'),
    `name: service-health
rows: { csv: services.csv }
requests:
  - name: health
    url: "https://{{host}}/delay/{{delay}}?id={{id}}"
    headers: { authorization: "Bearer \${TOKEN}" }
    good: { status: [200, 204, 3xx], sql: "status < 300" }
    pages: { next: counter, parameter: page, items: $.items }
limits: { concurrency: 100, perOrigin: { "*.example.com": 5, "*": 20 }, rate: 500/s, timeout: 10s, maxBody: 1KB }
crunch:
  - name: slowest
    sql: |
      select host
      from health
fail: { max: 1% }
dump:
  - { table: slowest, to: terminal }
  - { table: slowest, to: "out/slowest-{{date}}.csv" }
  - { table: health, to: out/all.duckdb, mode: upsert, key: host }
`,
  );
  const report = await readReport(join(folder, 'report.yaml'), ENV);
  assert.equal(report.name, 'service-health');
  assert.deepEqual(report.rows, {
    place: { line: 2, column: 14 },
    file: join(folder, 'services.csv'),
    format: 'csv',
  });
  const [health] = report.requests;
  assert.deepEqual(health!.headers[0]!.value.parts, ['Bearer ', { variable: 'TOKEN', value: 'sesame' }]);
  assert.deepEqual(health!.good.status, [
    [200, 200],
    [204, 204],
    [300, 399],
  ]);
  assert.deepEqual(health!.good.sql, { name: 'health', sql: 'status < 300', place: { line: 7, column: 44 } });
  assert.deepEqual(health!.pages, {
    place: { line: 8, column: 53 },
    most: 1000,
    next: 'counter',
    parameter: 'page',
    start: 1,
    step: 1,
    items: '$.items',
  });
  assert.deepEqual(report.limits.perOrigin, [
    ['*.example.com', 5],
    ['*', 20],
  ]);
  assert.equal(report.limits.maxBodyBytes, 1024);
  assert.equal(report.limits.idleTimeout, '30s');
  assert.deepEqual(report.crunch[0]!.place, { line: 13, column: 7 });
  assert.deepEqual(report.maxFailed, { percent: 1 });
  assert.deepEqual(report.dumps[1]!.to, { kind: 'csv', path: 'out/slowest-{{date}}.csv' });
  assert.deepEqual(report.dumps[2]!.to, {
    kind: 'duckdb',
    path: 'out/all.duckdb',
    mode: 'upsert',
    key: ['host'],
  });
});

test('a report needs no more than a request, and is called as its file', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'my report.yml'), request('url: https://x/'));
  const report = await readReport(join(folder, 'my report.yml'), {});
  assert.equal(report.name, 'my-report');
  assert.equal(report.rows, null);
  assert.deepEqual(report.maxFailed, { count: 0 });
});

test('faults of shape, of templates, of names and of files are told together, in the order of their lines', async (t) => {
  const told = await faultsOf(
    t,
    `rows: { csv: nowhere.csv }
requests:
  - name: a
    url: "https://{{host/"
    timeout: 10s
  - name: a
    url: "https://x/\${NOTHING}"
limits: { timeout: 10 }
dump:
  - { table: b, to: terminal }
`,
  );
  const lines = told.split('\n');
  assert.deepEqual(
    lines.map((line) => line.slice(0, line.indexOf(' '))),
    ['1:14:', '4:19:', '5:5:', '6:11:', '7:21:', '8:20:', '10:14:'],
  );
  assert.match(lines[0]!, /there is no file 'nowhere.csv'/);
  assert.match(lines[1]!, /'{{host\/' is not closed by '}}'/);
  assert.match(lines[2]!, /unknown key 'timeout'/);
  assert.match(lines[3]!, /the name 'a' is taken by requests\[0\]/);
  assert.match(lines[4]!, /there is no variable NOTHING/);
  assert.match(lines[5]!, /'timeout' is 10; expected a length of time with its unit/);
  assert.match(lines[6]!, /there is no table 'b'/);
});

const FAULTS: ReadonlyArray<readonly [title: string, text: string, told: RegExp]> = [
  ['no request', 'name: x\n', /^1:1: 'requests' is missing; expected a list/],
  ['a url that is missing', 'requests:\n  - name: a\n', /^2:5: 'url' is missing; expected a text$/],
  [
    'a name that is no table',
    request('url: x').replace('a\n', 'my-table\n'),
    /^2:11: 'name' is 'my-table'; expected a name for a table/,
  ],
  [
    'a name that is a word of SQL',
    request('url: x').replace('a\n', 'Order\n'),
    /^2:11: 'Order' is a word of SQL/,
  ],
  [
    'a request called rows',
    request('url: x').replace('a\n', 'rows\n'),
    /^2:11: 'rows' is the table of the rows/,
  ],
  [
    'a query called as a request',
    `${request('url: x')}crunch: [{ name: A, sql: select 1 }]\n`,
    /^4:18: the name 'A' is taken by requests\[0\]/,
  ],
  [
    'checks of one name',
    `${request('url: x')}check: [{ name: a b, sql: select 1 }, { name: A B, sql: select 1 }]\n`,
    /taken by check\[0\]/,
  ],
  [
    'two sources of rows',
    `${request('url: x')}rows: { csv: a, sql: b }\n`,
    /'sql' and 'csv' exclude each other/,
  ],
  [
    'no source of rows',
    `${request('url: x')}rows: { files: {} }\n`,
    /^4:7: one of csv, jsonl, parquet, inline, sql is missing here/,
  ],
  [
    'a duration without its unit',
    `${request('url: x')}limits: { deadline: "10" }\n`,
    /^4:22: 'deadline' is '10'; expected a length of time/,
  ],
  ['a duration of nothing', `${request('url: x')}limits: { timeout: 0s }\n`, /above 0/],
  [
    'a rate without its time',
    `${request('url: x')}limits: { rate: 500 }\n`,
    /^4:17: 'rate' is 500; expected a number in a time: 10\/s/,
  ],
  [
    'a share without its sign',
    `${request('url: x')}fail: { max: 0.5 }\n`,
    /^4:14: 'max' is 0.5; expected how many may fail, or what share of all/,
  ],
  ['a share above all', `${request('url: x')}fail: { max: 101% }\n`, /'max' is '101%'/],
  ['a size of nothing', `${request('url: x')}limits: { maxBody: 0MB }\n`, /maxBody/],
  [
    'a number that is a text',
    `${request('url: x')}limits: { concurrency: "100" }\n`,
    /^4:25: 'concurrency' is '100'; expected a whole number/,
  ],
  [
    'a zone that is none',
    `${request('url: x')}timezone: Europe/Berln\n`,
    /'Europe\/Berln' is no time zone.*did you mean 'Europe\/Berlin'/,
  ],
  [
    'a status that is none',
    request('url: x\ngood: { status: [200, 20x] }'),
    /^4:27: .*'20x'; expected a status/,
  ],
  [
    'pages without their path',
    request('url: x\npages: { next: url }'),
    /^4:12: 'path' is missing; next: url needs it/,
  ],
  [
    'pages with a stray key',
    request('url: x\npages: { next: link, path: $.a }'),
    /'path' has no meaning with next: link/,
  ],
  [
    'pages of an unknown kind',
    request('url: x\npages: { next: cursors }'),
    /^4:20: 'next' is 'cursors'; expected one of link, url, cursor, counter; did you mean 'cursor'/,
  ],
  [
    'a JSON path that is none',
    request('url: x\npages: { next: url, path: next }'),
    /^4:31: 'next' is no JSON path/,
  ],
  [
    'a header of the connection',
    request('url: x\nheaders: { Connection: close }').replace('Connection', 'connection'),
    /^4:16: .*connection/,
  ],
  [
    'a header that is none',
    request('url: x\nheaders: { "a b": c }'),
    /^4:16: the name 'a b'; expected a header's name/,
  ],
  [
    'auth of two kinds',
    request('url: x\nauth: { bearer: a, command: b }'),
    /'command' and 'bearer' exclude each other/,
  ],
  [
    'a dump that says no kind',
    `${request('url: x')}dump: [{ table: a, to: out.txt }]\n`,
    /^4:24: 'to' is 'out.txt'; expected terminal/,
  ],
  ['a dump to a word', `${request('url: x')}dump: [{ table: a, to: terminl }]\n`, /did you mean 'terminal'/],
  [
    'an upsert without its key',
    `${request('url: x')}dump: [{ table: a, to: o.duckdb, mode: upsert }]\n`,
    /'key' is missing/,
  ],
  [
    'a mode of a file that has none',
    `${request('url: x')}dump: [{ table: a, to: o.csv, mode: append }]\n`,
    /'mode' is for a DuckDB file only/,
  ],
  [
    'safe CSV that is none',
    `${request('url: x')}dump: [{ table: a, to: o.jsonl, csvSafe: true }]\n`,
    /'csvSafe' is for a CSV file only/,
  ],
  [
    'a mode that is none',
    `${request('url: x')}dump: [{ table: a, to: o.duckdb, mode: apend }]\n`,
    /did you mean 'append'/,
  ],
  [
    'a dump to a bucket',
    `${request('url: x')}dump: [{ table: a, to: "gs://bucket/x.parquet" }]\n`,
    /^4:25: this is a URL that begins with gs:\/\/; expected terminal, a file, or a URL that begins with http:\/\/, https:\/\/ or s3:\/\/$/,
  ],
  [
    'a dump to a bucket without a name',
    `${request('url: x')}dump: [{ table: a, to: "s3://bucket/", format: csv }]\n`,
    /^4:25: 's3:\/\/bucket\/' names no file; expected s3:\/\/bucket\/folder\/name\.$/,
  ],
  [
    'a dump to a bucket that does not say what it is',
    `${request('url: x')}dump: [{ table: a, to: "s3://bucket/x" }]\n`,
    /^4:25: 'to' is 's3:\/\/bucket\/x'; .* a file ends in \.csv/,
  ],
  [
    'a DuckDB file in a bucket',
    `${request('url: x')}dump: [{ table: a, to: "s3://bucket/x.duckdb" }]\n`,
    /^4:25: a DuckDB file is changed in its place, and that can't be in S3; expected \.parquet/,
  ],
  [
    'rows in a bucket with credentials in its address',
    `rows: { csv: "s3://key:hunter2@bucket/rows.csv" }\n${request('url: x')}`,
    /^1:15: an s3:\/\/ address is s3:\/\/bucket\/prefix and has no credentials or port in it/,
  ],
  [
    'authorities in a bucket',
    request('url: x\nca: "s3://bucket/ca.pem"'),
    /^4:10: .*s3:\/\/; expected a file: download/,
  ],
  [
    'a dump to a bucket that only a variable names',
    `${request('url: x')}dump: [{ table: a, to: "\${TO:-gs://bucket/x}", format: csv }]\n`,
    /^4:25: this is a URL that begins with gs:\/\//,
  ],
  [
    'a dump to the URL of a file',
    `${request('url: x')}dump: [{ table: a, to: "file:///tmp/x.csv" }]\n`,
    /^4:25: .*expected the path alone: \/tmp\/x\.csv$/,
  ],
  [
    'rows from the web',
    `rows: { csv: "https://example.com/rows.csv" }\n${request('url: x')}`,
    /^1:15: this is a URL that begins with https:\/\/; expected a file: download it first$/,
  ],
  ['a cache in a bucket', request('url: x\ncache: "s3://bucket"'), /^4:13: .*s3:\/\/; expected a folder$/],
  [
    'a request that is no HTTP',
    request('url: "ftp://example.com/{{?a:x}}"'),
    /^3:11: this is a URL that begins with ftp:\/\/; expected a URL that begins with http/,
  ],
  [
    'a dump that leaves the folder',
    `${request('url: x')}dump: [{ table: a, to: ../out.csv }]\n`,
    /^4:24: '\.\.\/out.csv' leads out of the folder/,
  ],
  [
    'a dump that leaves it later',
    `${request('url: x')}dump: [{ table: a, to: "{{date}}/../../out.csv" }]\n`,
    /leads out of the folder/,
  ],
  ['a cache that leaves it', request('url: x\ncache: ../cache'), /'\.\.\/cache' leads out/],
  [
    'a dump named by a column',
    `${request('url: x')}dump: [{ table: a, to: "{{host}}.csv" }]\n`,
    /^4:25: '\{\{host\}\}' is not known here: a dump is not about one row; expected \{\{date\}\}, \{\{time\}\} or \{\{name\}\}$/,
  ],
  [
    'an unknown table with a near one',
    `${request('url: x').replace('a\n', 'health\n')}dump: [{ table: helth, to: terminal }]\n`,
    /there is no table 'helth'; did you mean 'health'/,
  ],
  ['a hole that is empty', request('url: "https://{{ }}/"'), /^3:19: '{{' begins a column/],
  ['a condition without its text', request('url: "https://x/{{?a}}"'), /^3:21: '{{\?a' needs a text to use/],
  ['a variable that is badly written', request('url: "https://x/${A-B}"'), /^3:21: '\${' begins a variable/],
  [
    'a variable with a near one',
    request('url: "https://x/${TOKN}"'),
    /no variable TOKN .*did you mean 'TOKEN'/,
  ],
  [
    'a column that no row has',
    `rows: { inline: [{ host: a }, { id: 1 }] }\n${request('url: "https://{{hots}}/{{id}}"')}`,
    /^4:19: no row has the column 'hots'; did you mean 'host'/,
  ],
  [
    'a name that leaves the folder',
    `name: ../x\n${request('url: x')}`,
    /^1:7: 'name' is '\.\.\/x'; expected a name of letters/,
  ],
  ['a list where keys are due', '- a\n', /^1:1: the file is a list; expected keys and values/],
];

for (const [title, text, told] of FAULTS)
  test(`${title} is told with its place`, async (t) => {
    assert.match(await faultsOf(t, text), told);
  });

test('the password in the URL of a database is not in the error', async (t) => {
  const told = await faultsOf(
    t,
    `${request('url: x')}dump: [{ table: a, to: "postgres://me:sesame@db/x" }]\n`,
  );
  assert.match(told, /postgres:\/\/; expected/);
  assert.doesNotMatch(told, /sesame/);
});

test('what a variable holds decides which keys a dump has', async (t) => {
  const file = join(temporaryFolder(t), 'report.yaml');
  writeFileSync(file, `${request('url: x')}dump: [{ table: a, to: "\${TO}", mode: append }]\n`);
  const [dump] = (await readReport(file, { TO: 'all.duckdb' })).dumps;
  assert.deepEqual(dump!.to, { kind: 'duckdb', path: 'all.duckdb', mode: 'append', key: [] });
});

test('a variable that is empty is missing, unless its default is empty, too', async (t) => {
  const file = join(temporaryFolder(t), 'report.yaml');
  writeFileSync(file, request('url: "https://x/${A:-}${B:-b}$${C}"'));
  const [part, other, rest] = (await readReport(file, { A: '' })).requests[0]!.url.parts.slice(1);
  assert.deepEqual(
    [part, other, rest],
    [{ variable: 'A', value: '' }, { variable: 'B', value: 'b' }, '${C}'],
  );
  assert.match(await faultsOf(t, request('url: "https://x/${A}"'), { A: '' }), /the variable A is empty/);
});

test('a renamed column is known by its new name alone', async (t) => {
  const rows = 'rows: { inline: [{ url: a }], rename: { url: link } }\n';
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'report.yaml'), rows + request('url: "{{link}}"'));
  const report = await readReport(join(folder, 'report.yaml'), {});
  assert.deepEqual(report.rows?.rename, { url: 'link' });
  assert.match(
    await faultsOf(t, rows + request('url: "{{url}}"')),
    /no row has the column 'url'; expected one of 'link'/,
  );
});

test('with testServer the variable TEST_SERVER is there, and the environment may set it', async (t) => {
  const file = join(temporaryFolder(t), 'report.yaml');
  writeFileSync(file, `testServer: true\n${request('url: "${TEST_SERVER}/get"')}`);
  const variable = async (env: Record<string, string>) =>
    (await readReport(file, env)).requests[0]!.url.parts[0];
  assert.deepEqual(await variable({}), { variable: 'TEST_SERVER', value: 'http://test-server' });
  assert.deepEqual(await variable({ TEST_SERVER: 'http://[::1]:1' }), {
    variable: 'TEST_SERVER',
    value: 'http://[::1]:1',
  });
  writeFileSync(
    file,
    `testServer: { host: 127.0.0.2 }\n${request('url: "http://127.0.0.2:${TEST_SERVER_PORT}/get"')}`,
  );
  assert.deepEqual((await readReport(file, {})).testServer, { host: '127.0.0.2' });
  assert.deepEqual((await readReport(file, { TEST_SERVER: 'http://[::1]:1' })).requests[0]!.url.parts[1], {
    variable: 'TEST_SERVER_PORT',
    value: '1',
  });
});

test('files may be read from anywhere, and written with a whole path', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'reports'));
  writeFileSync(join(folder, 'rows.csv'), 'a\n1\n');
  const file = join(folder, 'reports', 'report.yaml');
  writeFileSync(
    file,
    `rows: { csv: ../rows.csv }\n${request('url: x')}dump: [{ table: a, to: ${folder}/out.csv }]\n`,
  );
  assert.deepEqual((await readReport(file, {})).dumps[0]!.to, { kind: 'csv', path: `${folder}/out.csv` });
});
