import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { abreast, begin, end, folder, linesOf, shell } from './abreast.ts';

let server: TestServer;
let https: string;

before(async () => {
  server = await startServer();
  https = server.httpsUrl!;
});
after(() => server.close());

/** Signals that are further apart than this are two. */
const DISTINCT_MS = 500;

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

test('killed with -9 again and again, an output loses no line, repeats none, and is whole in the end', async () => {
  const cwd = folder();
  const count = 6000;
  writeFileSync(join(cwd, 'urls.txt'), numbered(count));
  for (const name of ['o.jsonl', 'o.jsonl.zst']) {
    const args = ['get', '-f', 'urls.txt', '-k', '-c', '20', '-o', name, '--resume'];
    for (let kill = 0; kill < 4; kill++) {
      const child = begin(args, { cwd });
      const gone = once(child, 'exit');
      await sleep(250 + Math.random() * 500);
      child.kill('SIGKILL');
      await gone;
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
    assert.match(err, /stopped by (Ctrl-C|SIGTERM)\. To continue: abreast get --resume -f urls\.txt /);
    assert.ok(linesOf(join(cwd, 'o.jsonl')).every(({ status }) => status === 200));
  }
  assert.equal((await abreast([...args, '--resume'], { cwd })).code, 0);
  assert.deepEqual(indexesOf(join(cwd, 'o.jsonl')), upTo(60));
});

test('Ctrl-C says at once what it waits for; a second one counts what was abandoned; the advice works after --force', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'urls.txt'), `${numbered(3)}${numbered(20, '/delay/5')}`);
  writeFileSync(join(cwd, "it's.jsonl"), '');
  const child = begin(['get', '-f', 'urls.txt', '-k', '-o', "it's.jsonl", '--force', '--json'], { cwd });
  await untilInFlight(20);
  child.kill('SIGINT');
  const [said] = (await once(child.stderr!, 'data')) as [Buffer];
  assert.equal(String(said), 'finishing 20 requests; press Ctrl-C again to abort\n');
  await sleep(DISTINCT_MS);
  child.kill('SIGINT');
  const { code, out, err } = await end(child);
  assert.equal(code, 130);
  assert.match(err, /^3 GETs in .*none failed, 20 abandoned$/m);
  const { results, abandoned, exitCode } = JSON.parse(out).get;
  assert.deepEqual({ results, abandoned, exitCode }, { results: 3, abandoned: 20, exitCode: 130 });
  assert.deepEqual(indexesOf(join(cwd, "it's.jsonl")), [0, 1, 2]);

  const advice = /To continue: abreast (.*)$/m.exec(err)![1];
  const continued = await shell(`$abreast ${advice}`, { cwd });
  assert.equal(continued.code, 0, continued.err);
  assert.match(continued.err, /20 GETs in .*3 were done before/);
  assert.deepEqual(indexesOf(join(cwd, "it's.jsonl")), upTo(23));
});

test('two signals at the same moment, as timeout and launchers send them, are one interrupt', async () => {
  const child = begin(['get', `${https}/delay/1`, '-n', '100', '-c', '10', '-k', '-o', '/dev/null']);
  await untilInFlight(10);
  child.kill('SIGTERM');
  child.kill('SIGINT');
  const { code, err } = await end(child);
  assert.equal(code, 3, err);
  assert.match(err, /^(10|20) GETs in .*none failed$/m);
});

test('where the advice would show a secret it is in words', async () => {
  const cwd = folder();
  const args = ['get', `${https}/delay/1`, '-n', '40', '-c', '5', '-k', '-o', 'o.jsonl', '--force'];
  const child = begin([...args, '-u', 'joe:pa55word'], { cwd });
  await untilInFlight(5);
  child.kill('SIGINT');
  const { code, err } = await end(child);
  assert.equal(code, 3);
  assert.match(err, /To continue, run the same command with --resume instead of --force\./);
  assert.doesNotMatch(err, /pa55word/);
});

test('Ctrl-C three times ends a run whose output nobody reads', async () => {
  const child = begin(['get', `${https}/bytes/20000`, '-n', '3000', '-k', '-q']);
  const gone = once(child, 'exit');
  await once(child.stdout!, 'readable');
  await sleep(1000); // the pipe is full, and a write waits
  // Two signals that a busy process has not taken yet are one to it.
  while (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGINT');
    await sleep(DISTINCT_MS);
  }
  assert.deepEqual(await gone, [null, 'SIGINT']);
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

test('a trace that the disk has no room for is exit code 3, and the results and the summary are whole', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'urls.txt'), numbered(2000, '/get'));
  const args = ['get', '-f', 'urls.txt', '-k', '-o', 'o.jsonl', '--trace', '/dev/full', '--json'];
  const { code, out, err } = await abreast(args, { cwd });
  assert.equal(code, 3, err);
  assert.match(
    err,
    /^\/dev\/full: the trace can't be written: the disk is full\n2,000 GETs in .*none failed\n/,
  );
  const { results, stopped, notes, exitCode } = JSON.parse(out).get;
  assert.deepEqual({ results, stopped, exitCode }, { results: 2000, stopped: null, exitCode: 3 });
  assert.match(notes[0], /trace can't be written/);
  assert.deepEqual(indexesOf(join(cwd, 'o.jsonl')), upTo(2000));
});

test('a folder of bodies that has no more room is exit code 3, with a summary', async () => {
  const { code, err } = await shell(
    `ulimit -f 1; $abreast get ${https}/bytes/5000 -n 300 -k -o /dev/null --bodies b`,
    { cwd: folder() },
  );
  assert.equal(code, 3);
  assert.match(err, /^--bodies b: the file is as large as it may be \(ulimit -f\)\.\n\d+ GETs? in /);
});

test('two runs on one output: the second is refused in one line, exit code 4', async () => {
  const cwd = folder();
  const first = begin(['get', `${https}/delay/6`, '-k', '-o', 'o.jsonl'], { cwd });
  await untilInFlight(1);
  const second = await abreast(['get', `${https}/get`, '-k', '-o', 'o.jsonl', '--resume'], { cwd });
  assert.equal(second.code, 4);
  assert.match(
    second.err,
    new RegExp(`^error: o\\.jsonl: another run writes to it \\(process ${first.pid} .*\n$`),
  );
  assert.equal((await end(first)).code, 0);
  assert.deepEqual(readdirSync(cwd), ['o.jsonl']);
});

/** Waits until the server has this many requests that it has not answered. */
async function untilInFlight(count: number): Promise<void> {
  while (server.stats().inFlight.now < count) await sleep(20);
}
