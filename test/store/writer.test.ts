import assert from 'node:assert/strict';
import { openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch } from '../../src/store/batch.ts';
import { PACKINGS } from '../../src/store/packing.ts';
import { Writer } from '../../src/store/writer.ts';
import { file } from './example.ts';

const LINE = `${'x'.repeat(99_999)}\n`;

test('a slow disk holds the run back after 4 MiB, and lets it go on when they are written', async () => {
  const path = file('o');
  const gate = Promise.withResolvers<void>();
  const writer = new Writer(openSync(path, 'w'), path, (batch) => gate.promise.then(() => batch));
  let rows = 0;
  let wait: Promise<void> | null = null;
  for (; wait === null && rows < 1000; rows++) {
    writer.batch.text(LINE);
    wait = writer.appended() ?? null;
  }
  assert.ok(rows >= 40 && rows <= 48, `held back after ${rows} rows of 100 KB`);
  const first = await Promise.race([wait!.then(() => 'room'), sleep(50, 'held')]);
  assert.equal(first, 'held');
  gate.resolve();
  await wait;
  await writer.finish();
  assert.equal(readFileSync(path, 'utf8').length, rows * LINE.length);
});

test('rows that still come while it is held back must be written too before it goes on', async () => {
  const path = file('o');
  let written = 0;
  const writer = new Writer(openSync(path, 'w'), path, async (batch) => {
    await sleep(5);
    written++;
    return batch;
  });
  const appended: (void | Promise<void>)[] = [];
  for (let row = 0; row < 20; row++) {
    writer.batch.text(LINE.repeat(3));
    appended.push(writer.appended());
  }
  await appended.find((wait) => wait !== undefined);
  assert.ok((20 - written) * 3 * LINE.length < 4.5e6, `went on after ${written} of 20 batches`);
  await writer.finish();
});

test('a lone row is written after a moment, without waiting for more', async () => {
  const path = file('o');
  const writer = new Writer(openSync(path, 'w'), path, PACKINGS.plain);
  writer.batch.text('row\n');
  writer.appended();
  while (readFileSync(path, 'utf8') === '') await sleep(20);
  assert.equal(readFileSync(path, 'utf8'), 'row\n');
  await writer.finish();
});

test('a full disk fails the next row and the end, and says that it is full', async () => {
  const writer = new Writer(openSync('/dev/full', 'w'), 'out.jsonl', PACKINGS.plain);
  writer.batch.text('row\n');
  await assert.rejects(writer.finish(), {
    name: 'StoreError',
    fault: 'unwritable',
    message: /out\.jsonl: the disk is full/,
  });
  assert.throws(() => writer.batch, { fault: 'unwritable' });
});

test('rows that come while there is no room are made one by one, when there is', async () => {
  const path = file('o');
  const gate = Promise.withResolvers<void>();
  const writer = new Writer(openSync(path, 'w'), path, (batch) => gate.promise.then(() => batch));
  let made = 0;
  const row = (batch: Batch) => {
    made++;
    batch.text(LINE.repeat(30));
  };
  const waits = Array.from({ length: 10 }, () => writer.append(row));
  await sleep(50);
  assert.equal(made, 2, 'the second one takes it over 4 MiB');
  gate.resolve();
  await Promise.all(waits);
  await writer.finish();
  assert.equal(made, 10);
  assert.equal(readFileSync(path, 'utf8').length, 300 * LINE.length);
});

test('each row that waits for room hears of the full disk', async () => {
  const writer = new Writer(openSync('/dev/full', 'w'), 'out.jsonl', PACKINGS.plain);
  const waits = Array.from({ length: 4 }, () => writer.append((batch) => batch.text(LINE.repeat(50))));
  for (const wait of waits) await assert.rejects(async () => wait, { fault: 'unwritable' });
});
