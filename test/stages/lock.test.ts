import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { locked } from '../../src/stages/environments/lock.ts';
import { temporaryFolder } from '../folder.ts';

const signal = new AbortController().signal;

test('what one does another waits for', async (t) => {
  const file = join(temporaryFolder(t), 'lock');
  const order: string[] = [];
  const work = (name: string) =>
    locked(
      file,
      () => {},
      signal,
      async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(`${name} ends`);
      },
    );
  await Promise.all([work('one'), work('other')]);
  assert.deepEqual(order, ['one begins', 'one ends', 'other begins', 'other ends']);
});

test('the lock of a process that has died is taken over, and nothing is left behind', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'lock');
  writeFileSync(file, `${spawnSync('true').pid}`);
  assert.equal(
    await locked(
      file,
      () => {},
      signal,
      async () => 'done',
    ),
    'done',
  );
  assert.deepEqual(readdirSync(folder), []);
});

test('another process that lives is waited for, which is said once', async (t) => {
  const file = join(temporaryFolder(t), 'lock');
  const other = spawn('sleep', ['60']);
  t.after(() => other.kill());
  writeFileSync(file, `${other.pid}`);
  const said: string[] = [];
  const waiting = locked(
    file,
    (what) => said.push(what),
    signal,
    async () => existsSync(file),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(said.length, 1);
  other.kill();
  assert.equal(await waiting, true);
});

test('waiting ends when the user ends it', async (t) => {
  const file = join(temporaryFolder(t), 'lock');
  writeFileSync(file, `${process.ppid}`);
  await assert.rejects(
    locked(
      file,
      () => {},
      AbortSignal.timeout(50),
      async () => {},
    ),
    { name: 'AbortError' },
  );
});
