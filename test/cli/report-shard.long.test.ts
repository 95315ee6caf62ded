import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { abreast, end } from '../e2e/abreast.ts';
import { lay } from '../folder.ts';
import { EXPECTED, laid, ROWS, report, tableIn } from './sharded.ts';

test('shards that are killed and run again leave each row once, in the table and in the counts', async (t) => {
  const { cwd, origin, shard } = await laid(t, (path) => [200, { path }, 20]);
  const children = [1, 2, 3].map((number) => shard(number, 3));
  // The second one has chunks at the place, and others under way.
  while (origin.asked.length < 1200) await sleep(5);
  children[1]!.kill('SIGKILL');
  const ends = await Promise.all(children.map(end));
  assert.deepEqual([ends[0]!.code, ends[2]!.code], [0, 0], ends[0]!.err);

  const early = await abreast(['report', 'report.yaml', '--collect', 'parts', '--json'], { cwd });
  if (ends[1]!.code !== 0) {
    assert.equal(early.code, 3, early.err);
    assert.match(early.err, /rows of 'a' were fetched by no shard: \d+-\d+/);
    assert.equal(JSON.parse(early.out).partial, true);
  }
  const again = await end(shard(2, 3));
  assert.equal(again.code, 0, again.err);
  const third = await end(shard(3, 3));
  assert.match(third.err, /already\. Nothing was fetched: a new run needs another --parts/);

  const whole = await abreast(['report', 'report.yaml', '--collect', 'parts', '--json', '--resume'], { cwd });
  assert.equal(whole.code, 0, whole.err);
  assert.deepEqual(tableIn(cwd), EXPECTED);
  const { report: said, requests } = JSON.parse(whole.out);
  assert.equal(said.statuses['200'], ROWS);
  assert.equal(requests, ROWS, 'the trace has each exchange once');
  assert.equal(said.requests[0].done, ROWS);
  // What was whole was not fetched again: at most what the killed one had under way.
  assert.ok(origin.asked.length < ROWS + 600, `${origin.asked.length}`);
  assert.ok(said.inFlight.mean > 1);
});

test('the limits of a report are divided among its shards', async (t) => {
  let [inFlight, most] = [0, 0];
  const { cwd, origin, shard } = await laid(t);
  origin.answer = (path) => {
    inFlight++;
    most = Math.max(most, inFlight);
    setTimeout(() => inFlight--, 10);
    return [200, { path }, 10];
  };
  writeFileSync(join(cwd, 'report.yaml'), report(origin.url).replace('concurrency: 30', 'concurrency: 7'));
  const ends = await Promise.all([1, 2, 3].map((number) => end(shard(number, 3))));
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0, 0],
    ends[0]!.err,
  );
  assert.ok(most > 3 && most <= 7, `${most} in flight`);
  const tooMany = await end(shard(1, 8));
  assert.equal(tooMany.code, 2);
  assert.match(tooMany.err, /8 shards can't share limits\.concurrency, which is 7: each needs at least 1/);
});

test('a shard whose rows are others than those of the run is refused before it sends anything', async (t) => {
  const { cwd, origin, shard } = await laid(t);
  assert.equal((await end(shard(1, 2))).code, 0);
  const asked = origin.asked.length;
  const file = join(cwd, 'report.yaml');
  const text = readFileSync(file, 'utf8');
  lay(cwd, { 'rows.csv': `id\n${Array.from({ length: ROWS }, (_, id) => id).join('\n')}\n` });
  writeFileSync(file, text.replace(/rows: .*/, 'rows: { csv: rows.csv }'));
  const other = await end(shard(2, 2));
  assert.equal(other.code, 2);
  assert.match(other.err, /was begun with other requests\. Give each run a place of its own/);

  // The same words, and other rows each time.
  writeFileSync(file, text.replace('select range as id', 'select range + (random() * 1e6)::int as id'));
  const parts = join(cwd, 'random');
  const first = await abreast(['report', 'report.yaml', '--shard', '1/2', '--parts', parts], { cwd });
  assert.equal(first.code, 0, first.err);
  const before = origin.asked.length;
  const second = await abreast(['report', 'report.yaml', '--shard', '2/2', '--parts', parts], { cwd });
  assert.notEqual(second.code, 0);
  assert.match(second.err, /the rows of 'rows' differ from those of the run in /);
  assert.doesNotMatch(second.err, /To continue/, 'the same command would be refused again');
  assert.equal(origin.asked.length, before);
  assert.ok(before > asked);
});

test('rows that come out of answers are refused, with the place in the file', async (t) => {
  const { cwd, origin, shard } = await laid(t);
  writeFileSync(
    join(cwd, 'report.yaml'),
    `rows: { inline: [{ id: 1 }] }
requests:
  - { name: a, url: "${origin.url}/{{id}}" }
  - { name: b, url: "${origin.url}/{{id}}", rows: { sql: "select id from a" } }
`,
  );
  const { code, err } = await end(shard(1, 2));
  assert.equal(code, 2);
  assert.match(err, /^report\.yaml:4:\d+: the rows of 'b' come out of answers/m);
  assert.equal(origin.asked.length, 0);
});

test('a shard that is interrupted finishes the chunks that it has begun, and says how to go on', async (t) => {
  const { cwd, origin, shard } = await laid(t, (path) => [200, { path }, 30]);
  const child = shard(1, 1);
  while (origin.asked.length < 100) await sleep(5);
  child.kill('SIGINT');
  const { code, err } = await end(child);
  assert.equal(code, 3, err);
  assert.match(err, /To continue, run the same command: it fetches only what is missing/);
  const whole = globSync('parts/report/chunks/a/*.zst', { cwd }).length;
  assert.ok(whole >= 1 && whole < ROWS / 150, `${whole} chunks`);
  const asked = origin.asked.length;
  assert.equal((await end(shard(1, 1))).code, 0);
  assert.equal(origin.asked.length, ROWS, `${asked} before: nothing was fetched twice`);
});

test('a shard that can not write its chunks says for how long it fetched, and how to go on', async (t) => {
  const { cwd, shard } = await laid(t, (path) => [200, { path }, 1]);
  mkdirSync(join(cwd, 'parts', 'report'), { recursive: true });
  writeFileSync(join(cwd, 'parts', 'report', 'chunks'), 'a file where a folder would be');
  const { code, err } = await end(shard(1, 1));
  assert.equal(code, 3, err);
  assert.match(err, /can't be written: .*To continue, run the same command/);
  assert.match(err, /^\d+ GETs in /m);
  assert.doesNotMatch(err, /GETs in 0\.0 ms/);
});

test('a shard whose deadline comes makes no tables, and goes on when it is run again', async (t) => {
  const { cwd, origin, shard } = await laid(t, (path) => [
    200,
    { path },
    Number(path.slice(1)) < 200 ? 0 : 3000,
  ]);
  const file = join(cwd, 'report.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('retries: 0', 'retries: 0, deadline: 1500ms'));
  const { code, err } = await end(shard(1, 1));
  assert.equal(code, 3, err);
  assert.match(err, /the deadline of 1500ms came before the end\. To continue, run the same command/);
  assert.equal(existsSync(join(cwd, 't.jsonl')), false);
  origin.answer = (path) => [200, { path }];
  writeFileSync(file, readFileSync(file, 'utf8').replace(', deadline: 1500ms', ''));
  assert.equal((await end(shard(1, 1))).code, 0);
  assert.equal((await abreast(['report', 'report.yaml', '--collect', 'parts'], { cwd })).code, 0);
  assert.deepEqual(tableIn(cwd), EXPECTED);
});
