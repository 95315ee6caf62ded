import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { abreast, folder, linesOf, parsed, shell } from './abreast.ts';

let server: TestServer;
let https: string;
let http: string;

before(async () => {
  server = await startServer();
  https = server.httpsUrl!;
  http = server.httpUrl!;
});
after(() => server.close());

test('URLs from arguments, a file and standard input become one line each, which fit the published schema', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'urls.txt'), `${http}/status/204\n`);
  const args = [`${https}/get`, '-', '-f', 'urls.txt', '-k'];
  const { code, out, err } = await abreast(['get', ...args], {
    cwd,
    stdin: `${https}/bytes/9\n${http}/json`,
  });
  assert.equal(code, 0, err);
  const lines = parsed(out).sort((one, other) => one.index - other.index);
  assert.deepEqual(
    lines.map(({ input, status }) => [input, status]),
    [
      [`${https}/get`, 200],
      [`${https}/bytes/9`, 200],
      [`${http}/json`, 200],
      [`${http}/status/204`, 204],
    ],
  );
  const schema = JSON.parse(readFileSync(new URL('../../schema/result.json', import.meta.url), 'utf8'));
  const isResult = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  for (const line of lines) assert.ok(isResult(line), JSON.stringify(isResult.errors));
  assert.match(err, /^4 GETs in .*, none failed\nin flight: max [1-4]; the run is too short to judge/);
});

test('CSV in by column, CSV out, compressed: the other columns come along as data', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 's.csv'), `name,link\na,${https}/get?a\nb,${https}/status/404\n`);
  const args = ['-f', 's.csv', '--column', 'link', '-k', '-o', 'r.csv.gz', '--good', '200-499'];
  assert.equal((await abreast(['get', ...args], { cwd })).code, 0);
  const { out } = await shell('gzip -dc r.csv.gz', { cwd });
  const rows = parse(out, { columns: true }) as Record<string, string>[];
  assert.deepEqual(rows.map(({ index, data, status }) => [index, data, status]).sort(), [
    ['0', '{"name":"a"}', '200'],
    ['1', '{"name":"b"}', '404'],
  ]);
});

test('--json is one object: the verdict of DESIGN, and the own account under "get"', async () => {
  const { code, out } = await abreast([
    'get',
    `${https}/delay/0.1`,
    '-n',
    '60',
    '-c',
    '20',
    '-k',
    '--json',
    '--expect',
    '20',
  ]);
  const { get, ...verdict } = JSON.parse(out);
  assert.equal(verdict.version, 2);
  assert.equal(verdict.requests, 60);
  assert.equal(verdict.answered, 60);
  assert.equal(verdict.inFlight.max, 20);
  assert.deepEqual(get.statuses, { 200: 60 });
  assert.equal(get.expectation.expected, 20);
  assert.equal(get.exitCode, code);
});

test('a count goes round the URLs', async () => {
  const { out } = await abreast([
    'get',
    `${https}/get?a`,
    `${https}/get?b`,
    '-n',
    '5',
    '-k',
    '--bodies',
    'none',
  ]);
  const urls = parsed(out)
    .sort((one, other) => one.index - other.index)
    .map(({ url }) => url.at(-1));
  assert.equal(urls.join(''), 'ababa');
});

test('failures are counted by code with an example, and --max-failed says how many are too many', async () => {
  const urls = [`${https}/status/500`, `${https}/status/404`, `${https}/get`, 'http://127.0.0.1:1/'];
  const args = ['get', ...urls, '-k', '--retries', '0', '-o', '/dev/null'];
  const { code, err } = await abreast(args);
  assert.equal(code, 1);
  assert.match(err, /4 GETs in .*, 3 failed/);
  assert.match(err, /statuses: 200: 1 · 404: 1 · 500: 1/);
  assert.match(err, /status: 2, first https:/);
  assert.match(err, /connect-refused: 1, first http:\/\/127\.0\.0\.1:1\//);
  assert.equal((await abreast([...args, '--max-failed', '3'])).code, 0);
  assert.equal((await abreast([...args, '--max-failed', '74%'])).code, 1);
  assert.equal((await abreast([...args, '--max-failed', '75%'])).code, 0);
});

test('--expect passes, fails, and says both numbers', async () => {
  const args = ['get', `${https}/delay/0.2`, '-n', '100', '-c', '20', '-k', '-o', '/dev/null'];
  const good = await abreast([...args, '--expect', '10']);
  assert.equal(good.code, 0, good.err);
  assert.match(good.err, /expected 10: max 20, mean [\d.]+: ok/);
  const bad = await abreast([...args, '--per-origin', '5', '--expect', '10']);
  assert.equal(bad.code, 1);
  assert.match(bad.err, /expected 10: max 5, mean [\d.]+: not met/);
  assert.match(bad.err, /idle slots on average: .* limit per origin/);
});

test('too few descriptors are fewer in flight and a note, no failure', async () => {
  const line = `ulimit -n 64; $abreast get ${https}/delay/0.05 -n 200 -c 100 -k --http1.1 -o /dev/null`;
  const { code, err } = await shell(line);
  assert.equal(code, 0, err);
  assert.match(err, /200 GETs in .*none failed/);
  assert.match(err, /note: .*ulimit -n/);
});

test('a marked secret in URL, header, environment and argv is in no output', async () => {
  const cwd = folder();
  const mark = 'hunter2marked';
  const { hostname, port } = new URL(https);
  writeFileSync(join(cwd, 'h.txt'), `X-Auth-Token: ${mark}\n`);
  const urls = [
    `https://joe:${mark}@${hostname}:${port}/status/200?token=${mark}`,
    `https://joe:${mark}@${hostname}:${port}/status/500?api_key=${mark}`,
    `https://${hostname}:${port}/redirect-to?url=${encodeURIComponent(`${https}/status/201?access_token=${mark}`)}`,
    `https://${hostname}:${port}/cookies/set?session=${mark}`,
    `https://${hostname}:1/?token=${mark}`,
  ];
  for (const [output, more] of [
    ['o.jsonl', []],
    ['o.csv', ['--json']],
  ] as const) {
    const run = await abreast(
      [
        ...[
          'get',
          ...urls,
          '-k',
          '-o',
          output,
          '--trace',
          `${output}.trace`,
          '--retries',
          '0',
          '--all-origins',
          '--bodies',
          'none',
        ],
        ...[
          '-H',
          `Cookie: sid=${mark}`,
          '-H',
          '@h.txt',
          '-H',
          `Authorization: Bearer \${MY_SECRET}`,
          ...more,
        ],
      ],
      { cwd, env: { MY_SECRET: mark } },
    );
    assert.equal(run.code, 1, run.err);
    assert.ok(!run.out.includes(mark), run.out);
    assert.ok(!run.err.includes(mark), run.err);
    for (const file of [output, `${output}.trace`]) {
      const text = readFileSync(join(cwd, file), 'utf8');
      assert.ok(text.includes('***'), file);
      assert.ok(!text.includes(mark), text);
    }
  }
});

test('headers arrive as they were ordered: lines, files, environment, login, user agent', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'h.txt'), 'X-One: 1\n\nX-Two: 2\n');
  const args = ['-H', `x-three: \${THREE}`, '-H', '@h.txt', '-u', `joe:\${PASS}`, '-A', 'me/1', '-k'];
  const { out } = await abreast(['get', `${https}/headers`, ...args], {
    cwd,
    env: { THREE: '3', PASS: 'x' },
  });
  const { headers } = JSON.parse(parsed(out)[0].body);
  assert.deepEqual(
    ['X-One', 'X-Two', 'X-Three', 'User-Agent', 'Authorization'].map((name) => headers[name]?.[0]),
    ['1', '2', '3', 'me/1', `Basic ${Buffer.from('joe:x').toString('base64')}`],
  );
});

test('bodies are left out, or are files in a folder', async () => {
  const cwd = folder();
  const none = await abreast(['get', `${https}/bytes/10`, '-k', '--bodies', 'none'], { cwd });
  assert.equal(parsed(none.out)[0].body, null);
  assert.equal(parsed(none.out)[0].bytes, 10);
  await abreast(['get', `${https}/bytes/10`, `${https}/bytes/20`, '-k', '--bodies', 'b', '-o', 'o.jsonl'], {
    cwd,
  });
  assert.deepEqual(
    ['0', '1'].map((name) => readFileSync(join(cwd, 'b', name)).length),
    [10, 20],
  );
});

test('the trace of a run is readable and has every exchange', async () => {
  const cwd = folder();
  await abreast(['get', `${https}/get`, '-n', '50', '-k', '-o', '/dev/null', '--trace', 't.jsonl'], { cwd });
  const records = linesOf(join(cwd, 't.jsonl')) as unknown as { kind: string }[];
  assert.equal(records[0]?.kind, 'run');
  assert.equal(records.at(-1)?.kind, 'end');
  assert.equal(records.filter(({ kind }) => kind === 'exchange').length, 50);
});

test('-q says nothing, a bar shows how far it is', async () => {
  const args = ['get', `${https}/delay/0.3`, '-n', '20', '-c', '10', '-k', '-o', '/dev/null'];
  assert.deepEqual(await abreast([...args, '-q']), { code: 0, signal: null, out: '', err: '' });
  const { err } = await abreast([...args, '--progress', 'bar']);
  assert.match(err, /░ \d+ of 20 · [\d,]+\/s · 10 in flight · 0 failed/);
});
