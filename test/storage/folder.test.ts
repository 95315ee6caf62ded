import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStorage, StorageError } from '../../src/storage/index.ts';
import { temporaryFolder } from '../folder.ts';
import { held, names, testContract } from './contract.ts';

const bytes = (content: string) => Buffer.from(content);

testContract('folder', (t) => openStorage(join(temporaryFolder(t), 'not yet/there')), false);

testContract('folder without hard links', openWithoutLinks, false, 'two at once may both be told');

/** As exFAT and some network file systems are. */
async function openWithoutLinks(t: TestContext) {
  t.mock.method(fs, 'link', () => Promise.reject(Object.assign(new Error('link'), { code: 'ENOTSUP' })));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return openStorage(temporaryFolder(t));
}

test('what a killed writer left is neither listed nor in the way', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, '.a.1234.tmp'), 'half');
  const storage = await openStorage(folder);
  assert.equal(await storage.writeOnce('a', bytes('whole')), true);
  assert.deepEqual(await names(storage), ['a']);
  assert.equal(await held(storage, 'a'), 'whole');
});

test('no scratch file stays, whether a name was taken, was there before, or could not be written', async (t) => {
  const folder = temporaryFolder(t);
  const storage = await openStorage(folder);
  await storage.writeOnce('a', bytes('1'));
  await storage.writeOnce('a', bytes('2'));
  await assert.rejects(storage.writeOnce('b', { path: join(folder, 'missing') }), StorageError);
  assert.deepEqual(readdirSync(folder), ['a']);
});

test('a place below a file is refused, with what to do', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const expected = { fault: 'broken', message: /can't be written: .*folder.*Give another folder\.$/ };
  await assert.rejects(async () => (await openStorage(file)).probe(), expected);
  await assert.rejects(async () => (await openStorage(join(file, 'below'))).probe(), expected);
});

const noMount =
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
    ? false
    : 'needs root, to mount a small tmpfs: run it with `sudo -E npm test -- test/storage/folder.test.ts`';

test('a full and a read-only file system are refused, each with what to do', { skip: noMount }, async (t) => {
  let disk = '';
  t.after(() => spawnSync('umount', ['-l', disk])); // before the folder is removed
  disk = temporaryFolder(t);
  const mount = (...args: string[]) => assert.equal(spawnSync('mount', args).status, 0);
  mount('-t', 'tmpfs', '-o', 'size=1m', 'none', disk);
  const storage = await openStorage(disk);
  await assert.rejects(storage.writeOnce('large', Buffer.alloc(2_000_000)), {
    fault: 'unwritable',
    message: `${disk}/large can't be written: the disk is full. Free some space, or give another folder.`,
  });
  assert.deepEqual(readdirSync(disk), [], 'half a file stays nowhere');
  mount('-o', 'remount,ro', disk);
  await assert.rejects(storage.probe(), {
    fault: 'unwritable',
    message: /the file system is read-only\. Give a folder that can be written to\.$/,
  });
});

test('a folder that nobody may write to is denied', async (t) => {
  const folder = join(temporaryFolder(t), 'closed');
  mkdirSync(folder);
  chmodSync(folder, 0o555);
  const program = `import { openStorage } from ${JSON.stringify(new URL('../../src/storage/index.ts', import.meta.url))};
    await (await openStorage(${JSON.stringify(folder)})).probe().catch(({ fault, message }) => console.log(fault, message));`;
  const node = [process.execPath, '--input-type=module-typescript', '-e', program];
  // Root may write anywhere, except where it gives up that right.
  const command =
    process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', ...node] : node;
  const { stdout, stderr } = spawnSync(command[0]!, command.slice(1), { encoding: 'utf8' });
  assert.match(
    stdout,
    /^denied .*can't be written: permission denied\. Give another folder, or the right/,
    stderr,
  );
});

test('an address of S3 that lacks a slash is not a folder', async () => {
  for (const address of ['s3:/bucket/prefix', 'S3:///bucket'])
    await assert.rejects(openStorage(address), {
      message: /^s3:\/+ is no place .* or s3:\/\/bucket\/prefix\.$/,
    });
  assert.equal((await openStorage('night:2026/parts')).url, join(process.cwd(), 'night:2026/parts'));
});

test('a place that can not be written to is named without the name that was tried', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, '');
  const storage = await openStorage(file);
  await assert.rejects(storage.probe(), { message: /file can't be written: / });
  await assert.rejects(storage.probe(), ({ message }: Error) => !message.includes('abreast-probe'));
});

test('what is no address of a storage is refused, without what may be a secret in it', async () => {
  await assert.rejects(openStorage('ftp://me:hunter2@example.com/x'), (error: StorageError) => {
    assert.equal(error.fault, 'address');
    assert.match(
      error.message,
      /^ftp:\/\/ is no place for results; give a folder, or s3:\/\/bucket\/prefix\.$/,
    );
    return true;
  });
});
