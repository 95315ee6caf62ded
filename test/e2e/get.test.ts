import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { abreast, begin, end, folder, linesOf, parsed, shell } from './abreast.ts';

let server: TestServer;
let https: string;
let http: string;

before(async () => {
  server = await startServer();
  https = server.httpsUrl!;
  http = server.httpUrl!;
});
after(() => server.close());

function numbered(count: number, path = '/bytes/100'): string {
  return Array.from({ length: count }, (_, i) => `${https}${path}?${i}\n`).join('');
}

function indexesOf(path: string): number[] {
  return linesOf(path)
    .map(({ index }) => index)
    .sort((one, other) => one - other);
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

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
  assert.match(err, /^4 GETs in .*, none failed\nin flight: mean /);
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
  assert.equal(verdict.version, 1);
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
  assert.match(bad.err, /slots left free on average: .* to per-origin/);
});

test('bad usage is one line on standard error and exit code 2, and nothing is sent', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'empty.txt'), '');
  writeFileSync(join(cwd, 'binary.txt'), `${https}/get\n\0\u0001\n`);
  writeFileSync(join(cwd, 'c.csv'), 'name,link\na,b\n');
  writeFileSync(join(cwd, 'there.jsonl'), '{"index":0,"input":"x","error":null}\n');
  mkdirSync(join(cwd, 'dir'));
  const url = `${https}/get`;
  const cases: readonly [args: readonly string[], message: RegExp][] = [
    [[], /nothing to GET: give URLs, -f FILE, or -/],
    [['example.com/x'], /this URL has no scheme\. Is it https:\/\/example\.com\/x\?/],
    [['ftp://example.com/'], /ftp:\/\/example\.com\/: this is no http/],
    [['-f', 'nope.txt'], /nope\.txt: there is no such file/],
    [['-f', 'empty.txt'], /empty\.txt: there is no URL in it/],
    [['-f', 'binary.txt'], /binary\.txt:2: this is not UTF-8 text/],
    [['-f', 'c.csv'], /c\.csv:1: there is no column "url"/],
    [['-f', 'dir'], /this is a folder/],
    [[url, '--colum', 'x'], /unknown option '--colum'.*Did you mean --column/s],
    [[url, '--timeout', '10'], /10s or 10ms/],
    [[url, '--rate', '10'], /10\/s/],
    [[url, '-c', '0'], /whole number, 1 or more/],
    [[url, '--good', '99'], /200-399/],
    [[url, '--resolve', 'x'], /HOST:PORT:ADDRESS/],
    [[url, '--progress', 'loud'], /none, line, bar/],
    [[url, '-4', '-6'], /-4, --ipv4' cannot be used with option '-6, --ipv6/],
    [[url, '--json', '-o', '-'], /--json and -o - would both write to standard output/],
    [[url, '--resume'], /--resume needs the output it is about/],
    [[url, '-o', 'there.jsonl'], /there\.jsonl exists\. --resume .*--retry-failed .*--force/],
    [[url, '-o', 'there.jsonl', '--resume', '--force'], /cannot be used with option/],
    [[url, '-o', 'no/such/out.jsonl'], /there is no folder no\/such/],
    [[url, '-o', 'dir'], /this is a folder/],
    [
      [url, '--trace', 'no/such/t.jsonl', '-o', '/dev/null'],
      /no\/such\/t\.jsonl: the trace can't be written/,
    ],
    [[url, '--cacert', 'nope.pem'], /--cacert nope\.pem: there is no such file/],
    [[url, '--cert', 'nope.pem'], /--cert and --key go together/],
    [[url, '-H', 'no colon'], /a header is 'Name: value'/],
    [[url, '-H', `a: \${NOT_SET_ANYWHERE}`], /no variable NOT_SET_ANYWHERE in the environment/],
    [[url, '-H', '@nope.txt'], /-H nope\.txt: there is no such file/],
    [[url, '-u', 'joe'], /-u: a login is 'user:password'/],
    [[url, `${http}/get`, '-u', 'joe:x'], /authorization would go to .* --all-origins/],
    [[url, '-c', '10', '--expect', '20'], /--expect 20 can't be reached with -c 10/],
    [[url, '-z', '10s'], /-z: .*-n 10000/],
    [[url, '-d', 'x=1'], /-d: abreast only GETs/],
    [[url, '-X', 'POST'], /-X: abreast only GETs/],
    [[url, '-t', '20'], /-t: .*--timeout 20s/],
    [[url, '-s'], /-s: .*-q/],
  ];
  const before = server.stats().requests;
  for (const [args, message] of cases) {
    const { code, out, err } = await abreast(['get', '-k', ...args], { cwd });
    assert.equal(code, 2, `${args}: ${err}`);
    assert.match(err, message);
    assert.equal(out, '');
    assert.doesNotMatch(err, /\n {4}at /, 'a stack trace');
    assert.ok(err.trimEnd().split('\n').length <= 2, err);
  }
  assert.equal(server.stats().requests, before);
});

test('killed with -9 again and again, an output loses no line, repeats none, and is whole in the end', async () => {
  const cwd = folder();
  const count = 3000;
  writeFileSync(join(cwd, 'urls.txt'), numbered(count));
  for (const name of ['o.jsonl', 'o.jsonl.zst']) {
    const args = ['get', '-f', 'urls.txt', '-k', '-c', '20', '-o', name, '--resume'];
    for (let kill = 0; kill < 4; kill++) {
      const child = begin(args, { cwd });
      await sleep(250 + Math.random() * 500);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const last = await abreast(args, { cwd });
    assert.equal(last.code, 0, last.err);
    const path = join(cwd, name);
    if (name.endsWith('.zst')) {
      // Unpacked by our own reader: a run that has nothing left to do and would refuse what is damaged.
      assert.match(
        (await abreast(args, { cwd })).err,
        new RegExp(`0 GETs .* ${count.toLocaleString('en-US')} were done`),
      );
    } else assert.deepEqual(indexesOf(path), upTo(count));
  }
});

test('--resume refuses another input; --retry-failed fetches again what failed', async () => {
  const cwd = folder();
  const urls = [`${https}/get?1`, `${https}/status/500`, `${https}/get?3`];
  const first = await abreast(['get', ...urls, '-k', '-o', 'o.jsonl'], { cwd });
  assert.equal(first.code, 1);
  const other = await abreast(['get', `${https}/get?other`, '-k', '-o', 'o.jsonl', '--resume'], { cwd });
  assert.equal(other.code, 2);
  assert.match(other.err, /it belongs to another input/);
  const again = await abreast(
    ['get', ...urls, '-k', '-o', 'o.jsonl', '--retry-failed', '--good', '200-599'],
    { cwd },
  );
  assert.equal(again.code, 0, again.err);
  assert.match(again.err, /1 GET in .*2 were done before/);
  assert.deepEqual(indexesOf(join(cwd, 'o.jsonl')), [0, 1, 2]);
});

test('Ctrl-C once finishes what is in flight and says how to go on; what is left comes with --resume', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'urls.txt'), numbered(60, '/delay/0.3'));
  const args = ['get', '-f', 'urls.txt', '-k', '-c', '10', '-o', 'o.jsonl'];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = begin([...args, '--resume'], { cwd });
    await untilInFlight(10);
    child.kill(signal);
    const { code, err } = await end(child);
    assert.equal(code, 3, err);
    assert.match(err, /stopped by (Ctrl-C|SIGTERM)\. The same command with --resume goes on from here/);
    assert.ok(linesOf(join(cwd, 'o.jsonl')).every(({ status }) => status === 200));
  }
  assert.equal((await abreast([...args, '--resume'], { cwd })).code, 0);
  assert.deepEqual(indexesOf(join(cwd, 'o.jsonl')), upTo(60));
});

test('Ctrl-C twice stops at once, and what was not answered has no line', async () => {
  const cwd = folder();
  const child = begin(['get', `${https}/delay/8`, '-n', '20', '-k', '-o', 'o.jsonl'], { cwd });
  await untilInFlight(20);
  child.kill('SIGINT');
  await sleep(100);
  child.kill('SIGINT');
  const { code } = await end(child);
  assert.equal(code, 130);
  assert.equal(readFileSync(join(cwd, 'o.jsonl'), 'utf8'), '');
});

test('a reader that has enough ends the run quietly: `| head`', async () => {
  const { code, out, err } = await shell(
    `$abreast get ${https}/bytes/5000 -n 3000 -k | head -2; echo $PIPESTATUS`,
  );
  assert.equal(code, 0);
  assert.match(out, /\n0\n$/);
  assert.match(err, /its reader closed it/);
  assert.doesNotMatch(err, /EPIPE|\n {4}at /);
});

test('a full output is one line and exit code 3', async () => {
  const { code, err } = await abreast(['get', `${https}/bytes/5000`, '-n', '500', '-k', '-o', '/dev/full']);
  assert.equal(code, 3);
  assert.match(err, /\/dev\/full: the disk is full/);
  assert.doesNotMatch(err, /\n {4}at /);
});

test('two runs on one output: the second is refused', async () => {
  const cwd = folder();
  const first = begin(['get', `${https}/delay/2`, '-k', '-o', 'o.jsonl'], { cwd });
  await untilInFlight(1);
  const second = await abreast(['get', `${https}/get`, '-k', '-o', 'o.jsonl', '--resume'], { cwd });
  assert.equal(second.code, 2);
  assert.match(second.err, new RegExp(`another run writes to it \\(process ${first.pid} `));
  assert.equal((await end(first)).code, 0);
  assert.deepEqual(readdirSync(cwd), ['o.jsonl']);
});

test('memory stays flat: 60,000 URLs from a pipe need no more than a multiple of 20,000 would', async () => {
  const line = (count: number) =>
    `seq ${count} | sed 's#^#${https}/bytes/100?#' | $abreast get - -k -c 200 -o /dev/null -q & ` +
    'while kill -0 $! 2>/dev/null; do cat /proc/$!/status 2>/dev/null | grep VmHWM; sleep 0.1; done | tail -1; wait $!';
  const peakMb = async (count: number) => Number(/(\d+) kB/.exec((await shell(line(count))).out)![1]) / 1024;
  const few = await peakMb(20_000);
  const many = await peakMb(60_000);
  assert.ok(many < 300, `${many} MB`);
  assert.ok(many < few * 1.5, `${few} MB for 20,000, ${many} MB for 60,000`);
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

/** Waits until the server has this many requests that it has not answered. */
async function untilInFlight(count: number): Promise<void> {
  while (server.stats().inFlight.now < count) await sleep(20);
}
