import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { abreast, begin, end, folder, shell } from './abreast.ts';
import { allOf, indexesIn, layReport, upTo } from './reports.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

/** mulberry32: the same moments in every run of the test. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function onlyRun(cwd: string, name: string): string {
  const runs = readdirSync(join(cwd, '.abreast', name));
  assert.equal(runs.length, 1, runs.join());
  return join(cwd, '.abreast', name, runs[0]!);
}

/** Bytes in the parts of all runs. */
function storedIn(cwd: string): number {
  const parts = globSync('.abreast/killed/*/parts/*/*.jsonl', { cwd });
  return parts.reduce((sum, path) => sum + statSync(join(cwd, path)).size, 0);
}

test('killed with -9 at 20 random moments, a report fetches every row once, and its dump is that of an unbroken run', async () => {
  const cwd = folder();
  const count = 3000;
  const url = `${server.httpUrl}/get?id={{id}}`;
  const unbroken = layReport(cwd, { url, count, name: 'unbroken' });
  assert.equal((await abreast(['report', unbroken, '-q'], { cwd })).code, 0);

  const killed = layReport(cwd, {
    url,
    count,
    name: 'killed',
    more: 'limits: { concurrency: 20, rate: 400/s }',
  });
  const args = ['report', killed, '--resume-or-start', '--progress', 'none'];
  const next = random(6);
  for (let kill = 0; kill < 20; kill++) {
    // From before its folder is there, to after it has fetched for a while: together fewer than there are rows.
    const enough = server.stats().requests + Math.floor(next() * 100);
    const child = begin(args, { cwd });
    const gone = once(child, 'exit');
    await sleep(next() * 300);
    const isEnough = () => server.stats().requests >= enough && (kill < 19 || storedIn(cwd) > 0);
    while (child.exitCode === null && !isEnough()) await sleep(5);
    child.kill('SIGKILL');
    await gone;
    assert.equal(child.signalCode, 'SIGKILL', 'it was done before it was killed 20 times');
  }
  const last = await abreast(args, { cwd });
  assert.equal(last.code, 0, last.err);
  assert.match(last.err, /[\d,]+ were done before/);
  assert.deepEqual(indexesIn(onlyRun(cwd, 'killed')), upTo(count));
  assert.equal(
    readFileSync(join(cwd, 'killed.csv'), 'utf8'),
    readFileSync(join(cwd, 'unbroken.csv'), 'utf8'),
  );
});

const mounted = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const noMount = mounted
  ? false
  : 'needs root, to mount a small tmpfs: run it with `sudo -E npm run test:long -- test/e2e/report-faults.long.test.ts`';

test('a disk that fills up stops a report, which goes on when there is room', {
  skip: noMount,
}, async (t) => {
  const cwd = folder();
  const disk = join(cwd, 'disk');
  mkdirSync(disk);
  const mount = (...args: string[]) => assert.equal(spawnSync('mount', args).status, 0);
  mount('-t', 'tmpfs', '-o', 'size=3m', 'none', disk);
  t.after(() => spawnSync('umount', ['-l', disk]));
  const url = `${server.httpUrl}/bytes/20000?seed={{id}}`;
  const file = layReport(cwd, { url, count: 400 });
  const out = join(disk, 'run');

  const full = await abreast(['report', file, '--out', out], { cwd });
  assert.equal(full.code, 3, full.err);
  assert.match(full.err, /the disk is full.*--resume/s);
  const kept = indexesIn(out).length;
  assert.ok(kept > 0 && kept < 400, `${kept}`);

  mount('-o', 'remount,size=64m', disk);
  const room = await abreast(['report', file, '--out', out, '--resume'], { cwd });
  assert.equal(room.code, 0, room.err);
  assert.deepEqual(indexesIn(out), upTo(400));
  const dump = readFileSync(join(cwd, 'faults.csv'), 'utf8');
  assert.equal((await abreast(['report', file, '-q'], { cwd })).code, 0);
  assert.equal(readFileSync(join(cwd, 'faults.csv'), 'utf8'), dump);
});

test('a server that dies fails its rows, and when it is back --retry-failed makes the report whole', async () => {
  const cwd = folder();
  let mortal = await startServer({ httpsPort: false });
  const httpPort = Number(new URL(mortal.httpUrl!).port);
  const file = layReport(cwd, {
    url: `${mortal.httpUrl}/delay/0.05?id={{id}}`,
    count: 600,
    more: 'limits: { concurrency: 20, retries: 1 }\nfail: { max: 0 }',
  });
  const child = begin(['report', file], { cwd });
  while (mortal.stats().requests < 100) await sleep(20);
  await mortal.close();
  const broken = await end(child);
  assert.equal(broken.code, 1, broken.err);
  assert.match(broken.err, /origin-down|connect-refused|reset/);

  mortal = await startServer({ httpsPort: false, httpPort });
  try {
    const again = await abreast(['report', file, '--retry-failed'], { cwd });
    assert.equal(again.code, 0, again.err);
    assert.deepEqual(indexesIn(onlyRun(cwd, 'faults')), upTo(600));
    assert.ok(mortal.stats().requests < 600, 'what was good was not fetched again');
  } finally {
    await mortal.close();
  }
});

test('of requests that fail at random, 30 of 100, every row ends well or with its error', async () => {
  const cwd = folder();
  const file = layReport(cwd, {
    url: `${server.httpUrl}/fault/reset-connection?percent=30&id={{id}}`,
    count: 500,
    more: 'limits: { concurrency: 20, retries: 8 }\nfail: { max: 50% }',
  });
  const { code, err } = await abreast(['report', file], { cwd });
  assert.equal(code, 0, err);
  const rows = readFileSync(join(cwd, 'faults.csv'), 'utf8').trimEnd().split('\n').slice(1);
  assert.equal(rows.length, 500);
  for (const row of rows) assert.match(row, /^\d+,(200,,|,reset,)/);
  assert.ok(rows.filter((row) => row.includes(',200,')).length > 250, 'retries mend what they can');
});

test('a body that is no JSON is a row without JSON, and no crash', async () => {
  const cwd = folder();
  const file = layReport(cwd, { url: `${server.httpUrl}/{{id}}`, count: 0 });
  writeFileSync(join(cwd, 'rows.csv'), 'id\nhtml\njson\nrobots.txt\nget\n');
  const { code, err } = await abreast(['report', file], { cwd });
  assert.equal(code, 0, err);
  const rows = readFileSync(join(cwd, 'faults.csv'), 'utf8').trimEnd().split('\n').slice(1);
  assert.deepEqual(rows, [`get,200,,${server.httpUrl}/get`, 'html,200,,', 'json,200,,', 'robots.txt,200,,']);
});

test('Ctrl-C says what it waits for, a second one counts what it gives up, and the command that is printed goes on', async () => {
  const cwd = folder();
  const file = layReport(cwd, {
    url: `${server.httpUrl}/delay/1?id={{id}}`,
    count: 60,
    more: 'limits: { concurrency: 10 }',
  });
  const stop = async (interrupts: number) => {
    const before = server.stats().requests;
    const child = begin(['report', file, '--resume-or-start'], { cwd });
    const ended = end(child);
    while (server.stats().requests < before + 20) await sleep(10);
    for (let i = 0; i < interrupts; i++) {
      child.kill('SIGINT');
      await sleep(300); // two within 200 ms are one
    }
    return ended;
  };
  const once = await stop(1);
  assert.equal(once.code, 3, once.err);
  assert.match(once.err, /^finishing \d+ requests?; press Ctrl-C again to abort$/m);
  assert.match(once.err, /stopped by Ctrl-C\. To continue: /);
  const stored = indexesIn(onlyRun(cwd, 'faults')).length;
  assert.ok(stored >= 20, `${stored}`);
  const twice = await stop(2);
  assert.equal(twice.code, 130);
  assert.match(twice.err, /, \d+ abandoned/);
  const advice = /To continue: abreast (.*)/.exec(twice.err)![1]!;
  assert.doesNotMatch(advice, /resume-or-start/);
  const last = await shell(`$abreast ${advice}`, { cwd });
  assert.equal(last.code, 0, last.err);
  assert.deepEqual(indexesIn(onlyRun(cwd, 'faults')), upTo(60));
});

test('secrets are in no file of a run, whatever the server says back', async () => {
  const cwd = folder();
  const TOKEN = 'Zq7-environment-token-31337';
  writeFileSync(join(cwd, 'rows.csv'), 'id,pin\n1,pin-of-one-98761\n2,pin/of two&98762\n');
  const file = join(cwd, 'secrets.yaml');
  writeFileSync(
    file,
    `name: secrets
secret: [pin]
rows: { csv: rows.csv }
requests:
  - name: echoes
    url: "${server.httpUrl}/anything/{{pin}}?key=\${TOKEN}&pin={{pin}}"
    headers: { x-api-key: "\${TOKEN}", authorization: "Bearer \${TOKEN}", x-pin-token: "{{pin}}" }
  - name: inline
    rows: { inline: [{ id: "\${TOKEN}", user: { key: "\${TOKEN}", name: ann } }] }
    url: "${server.httpUrl}/anything/{{user.name}}?id={{id}}"
    headers: { x-id: "{{user.key}}" }
  - name: refused
    url: "http://127.0.0.1:1/{{pin}}?key=\${TOKEN}"
limits: { retries: 0 }
fail: { max: 100% }
dump:
  - { table: echoes, to: out/echoes.jsonl }
  - { table: inline, to: out/inline.jsonl }
  - { table: refused, to: out/refused.csv }
`,
  );
  for (const workers of ['1', '2']) {
    const { code, out, err } = await abreast(['report', file, '--json', '--workers', workers], {
      cwd,
      env: { TOKEN },
    });
    assert.equal(code, 0, err);
    const written = [out, err, allOf(join(cwd, '.abreast')), allOf(join(cwd, 'out'))].join('\n');
    assert.match(written, /\*\*\*/);
    for (const secret of [
      TOKEN,
      'pin-of-one-98761',
      'pin/of two&98762',
      'pin%2Fof%20two%2698762',
      'two&98762',
    ])
      assert.ok(!written.includes(secret), `${secret} was written`);
  }
});
