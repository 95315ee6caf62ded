import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { abreast, folder } from './abreast.ts';

let server: TestServer;
let https: string;
let http: string;

before(async () => {
  server = await startServer();
  https = server.httpsUrl!;
  http = server.httpUrl!;
});
after(() => server.close());

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
    [['-f', 'https://example.com/urls.txt'], /-f, --file.* a path on this machine .*curl -s URL \| abreast/i],
    [[url, '--csv-safe', '-o', 'out.jsonl'], /--csv-safe is about CSV, .*give -o FILE\.csv/],
    [[url, '-o', 's3://bucket/out.jsonl'], /-o, --output.* a path on this machine is expected/i],
    [[url, '--bodies', 'gs://bucket'], /--bodies.* a path on this machine is expected/i],
    [[url, '--trace', 'ftp://host/t.jsonl'], /--trace.* a path on this machine is expected/i],
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
    [[url, '-H', `a: \${constructor}`], /no variable constructor in the environment/],
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
  const refused = async ([args, message]: (typeof cases)[number]) => {
    const { code, out, err } = await abreast(['get', '-k', ...args], { cwd });
    assert.equal(code, 2, `${args}: ${err}`);
    assert.match(err, message);
    assert.equal(out, '');
    assert.doesNotMatch(err, /\n {4}at /, 'a stack trace');
    assert.ok(err.trimEnd().split('\n').length <= 2, err);
  };
  for (let from = 0; from < cases.length; from += 4)
    await Promise.all(cases.slice(from, from + 4).map(refused));
  assert.equal(server.stats().requests, before);
});
