import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { formatOf, openStore } from '../../src/store/index.ts';
import { failure, file, HOW, result, store } from './example.ts';

const NAMES = ['o.jsonl', 'o.jsonl.gz', 'o.jsonl.zst', 'o.csv', 'o.csv.gz', 'o.csv.zst'];
const AWKWARD = 'a "quoted", body\nof several\r\nlines,\n"1,2';

/** The rows of an output, as another program would read them. */
function read(path: string): { index: string; body: string; errorCode: string }[] {
  const { rows, packing } = formatOf(path);
  const bytes = readFileSync(path);
  const text = { plain: String, gzip: (b: Buffer) => String(gunzipSync(b)), zstd: unzstd }[packing](bytes);
  if (rows === 'csv') return parse(text, { columns: true });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map(({ index, body, error }) => ({
      index: String(index),
      body: body ?? '',
      errorCode: error?.code ?? '',
    }));
}

/** Node unpacks only the first frame, so each is looked for by its magic number. */
function unzstd(bytes: Buffer): string {
  let text = '';
  for (let from = 0; from !== -1; ) {
    const next = bytes.indexOf('28b52ffd', from + 4, 'hex');
    text += zstdDecompressSync(bytes.subarray(from, next === -1 ? bytes.length : next));
    from = next;
  }
  return text;
}

function indexes(path: string): number[] {
  return read(path)
    .map((row) => Number(row.index))
    .sort((one, other) => one - other);
}

for (const name of NAMES) {
  test(`${name}: an output that exists is refused, and the three options are named`, async () => {
    const path = file(name);
    await store(path, [result()]);
    await assert.rejects(store(path, [result()]), /exists\. --resume .* --retry-failed .* --force/);
    assert.deepEqual(indexes(path), [0]);
    await store(path, [result({ index: 7 })], { mode: 'force' });
    assert.deepEqual(indexes(path), [7]);
  });

  test(`${name}: cut anywhere, it goes on with exactly what is missing`, async () => {
    const path = file(name);
    for (const index of [0, 1, 2]) {
      const body = Buffer.from(AWKWARD);
      await store(path, [result({ index, body })], { mode: 'resume' });
    }
    const whole = readFileSync(path);
    for (let length = 0; length <= whole.length; length += 11) {
      writeFileSync(path, whole.subarray(0, length));
      const open = await openStore(path, { ...HOW, mode: 'resume' });
      for (const index of [0, 1, 2]) if (!open.done.has(index)) await open.add(result({ index }), index);
      await open.close();
      const rows = read(path);
      assert.deepEqual(indexes(path), [0, 1, 2], `cut at ${length}`);
      for (const row of rows) assert.ok(row.body === AWKWARD || row.body === 'ok', `cut at ${length}`);
    }
  });

  test(`${name}: --retry-failed leaves good rows as they are and drops failed ones`, async () => {
    const path = file(name);
    await store(path, [result({ index: 0, body: Buffer.from(AWKWARD) }), failure(1), result({ index: 2 })]);
    const open = await openStore(path, { ...HOW, mode: 'retry-failed' });
    assert.deepEqual(
      [0, 1, 2].map((index) => open.done.has(index)),
      [true, false, true],
    );
    await open.add(result({ index: 1 }), 1);
    await open.close();
    assert.deepEqual(
      read(path).map(({ index, errorCode }) => [index, errorCode]),
      [
        ['0', ''],
        ['2', ''],
        ['1', ''],
      ],
    );
    assert.equal(read(path)[0]?.body, AWKWARD);
  });
}

test('what is no output of ours is not touched', async () => {
  const path = file('notes.txt');
  writeFileSync(path, 'my notes\nare precious\n');
  await assert.rejects(store(path, [], { mode: 'resume' }), /row 1 is no result of abreast/);
  await assert.rejects(store(path, [], { mode: 'retry-failed' }), /row 1 is no result of abreast/);
  assert.equal(readFileSync(path, 'utf8'), 'my notes\nare precious\n');
});

test('a gzip that another program packed is refused with what to do; such a zstd is resumed', async () => {
  const line = `${JSON.stringify({ index: 0, input: 'https://example.test/0', error: null })}\n`;
  const zst = file('o.jsonl.zst');
  writeFileSync(zst, zstdCompressSync(Buffer.from(line)));
  await store(zst, [result({ index: 1 })], { mode: 'resume' });
  assert.deepEqual(indexes(zst), [0, 1]);
  const gz = file('o.jsonl.gz');
  const { gzipSync } = await import('node:zlib');
  writeFileSync(gz, gzipSync(line));
  await assert.rejects(store(gz, [], { mode: 'resume' }), /gunzip it/);
});

test('a second run on an output is refused while the first has it, and a dead one does not keep it', async () => {
  const path = file('o.jsonl');
  const first = await openStore(path, HOW);
  await assert.rejects(openStore(path, { ...HOW, mode: 'resume' }), /another run writes to it \(process \d+/);
  await first.close();
  assert.ok(!existsSync(`${path}.lock`));
  const { hostname } = await import('node:os');
  writeFileSync(`${path}.lock`, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), born: '1' }));
  await store(path, [], { mode: 'resume' });
  writeFileSync(
    `${path}.lock`,
    JSON.stringify({ pid: process.pid, host: hostname(), born: 'another process' }),
  );
  await store(path, [], { mode: 'resume' });
  writeFileSync(`${path}.lock`, '');
  await store(path, [], { mode: 'resume' });
  assert.ok(!existsSync(`${path}.lock`));
});

test('what a run leaves is readable by its owner alone, whatever the mode was before', async () => {
  const path = file('o.jsonl');
  const bodies = { folder: `${path}.bodies` };
  await store(path, [result()], { bodies });
  const modes = () => [path, `${bodies.folder}/0`].map((name) => (statSync(name).mode & 0o777).toString(8));
  assert.deepEqual(modes(), ['600', '600']);
  for (const mode of ['force', 'resume', 'retry-failed'] as const) {
    chmodSync(path, 0o644);
    chmodSync(`${bodies.folder}/0`, 0o644);
    await store(path, [result()], { mode, bodies });
    assert.deepEqual([mode, ...modes()], [mode, '600', '600']);
  }
});

test('a body never goes where a link in the folder leads', async () => {
  const path = file('o.jsonl');
  const folder = `${path}.bodies`;
  const precious = file('precious');
  writeFileSync(precious, 'precious');
  mkdirSync(folder);
  symlinkSync(precious, `${folder}/0`);
  await store(path, [result({ body: Buffer.from('body') })], { bodies: { folder } });
  assert.equal(readFileSync(precious, 'utf8'), 'precious');
  assert.equal(readFileSync(`${folder}/0`, 'utf8'), 'body');
});

test('a link to an output is that output: one lock, and --retry-failed leaves the link a link', async () => {
  const path = file('o.jsonl');
  const other = file('link.jsonl');
  symlinkSync(path, other);
  const first = await openStore(path, HOW);
  await assert.rejects(openStore(other, { ...HOW, mode: 'resume' }), /link\.jsonl: another run writes to it/);
  await first.close();
  await store(path, [result({ index: 0 }), failure(1)], { mode: 'resume' });
  await store(other, [result({ index: 1 })], { mode: 'retry-failed' });
  assert.ok(lstatSync(other).isSymbolicLink());
  assert.deepEqual(indexes(path), [0, 1]);
});

test('a run that was killed while it locked leaves nothing that the next one does not remove', async () => {
  const path = file('o.jsonl');
  const dead = 2 ** 22 + 1;
  const { hostname } = await import('node:os');
  writeFileSync(`${path}.lock`, JSON.stringify({ pid: dead, host: hostname(), born: '1' }));
  for (const left of [`${dead}`, `${dead + 1}.stale`]) writeFileSync(`${path}.lock.${left}`, '');
  writeFileSync(`${path}.lock.mine`, '');
  await store(path, [], { mode: 'resume' });
  assert.deepEqual(
    readdirSync(dirname(path)).filter((name) => name.startsWith('o.jsonl')),
    ['o.jsonl', 'o.jsonl.lock.mine'],
  );
});

test('bodies go to a folder under their index, and their row says nothing of them', async () => {
  const path = file('o.jsonl');
  const folder = `${path}.bodies`;
  await store(path, [result({ index: 3, body: Buffer.from([255, 0]) }), failure(4)], { bodies: { folder } });
  assert.deepEqual(readFileSync(`${folder}/3`), Buffer.from([255, 0]));
  assert.ok(!existsSync(`${folder}/4`));
  assert.deepEqual(
    read(path).map((row) => row.body),
    ['', ''],
  );
});

test('many bodies are written at once, and one that can not be written fails the run, with no row of its own', async () => {
  const path = file('o.jsonl');
  const folder = `${path}.bodies`;
  const open = await openStore(path, { ...HOW, bodies: { folder } });
  assert.equal(open.add(result({ index: 0 }), 0), undefined);
  mkdirSync(`${folder}/1`);
  assert.equal(open.add(result({ index: 1 }), 1), undefined);
  await assert.rejects(open.close(), { name: 'StoreError', fault: 'unwritable' });
  assert.deepEqual(indexes(path), [0]);
});

test('a torn line that a crash filled with zeros is cut off', async () => {
  const path = file('o.jsonl');
  await store(path, [result()]);
  const { size } = statSync(path);
  appendFileSync(path, Buffer.alloc(1000));
  const open = await openStore(path, { ...HOW, mode: 'resume' });
  assert.equal(open.done.count, 1);
  await open.close();
  assert.equal(statSync(path).size, size);
  truncateSync(path, 0);
});

test('300,000 rows are resumed in flat memory', async () => {
  const path = file('o.jsonl');
  const rows: string[] = [];
  for (let index = 0; index < 300_000; index++)
    rows.push(
      `{"index":${index},"input":"https://example.test/${index}","error":null,"body":"${'x'.repeat(300)}"}\n`,
    );
  for (let from = 0; from < rows.length; from += 10_000)
    appendFileSync(path, rows.slice(from, from + 10_000).join(''));
  rows.length = 0;
  const before = process.memoryUsage().arrayBuffers;
  const open = await openStore(path, { ...HOW, mode: 'resume' });
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.equal(open.done.count, 300_000);
  assert.ok(!open.done.has(300_000));
  const { size } = statSync(path);
  assert.ok(grown < size * 0.6, `${grown} bytes more, of a file of ${size}`);
  await open.close();
});
