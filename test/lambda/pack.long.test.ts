import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { abreast } from '../e2e/abreast.ts';
import { temporaryFolder } from '../folder.ts';
import { NO_S3, startS3 } from '../servers/index.ts';
import { NO_RIE, startEmulator } from './emulator.ts';
import { BOOTSTRAP, Sandbox } from './lambda.ts';
import { functionEnv, HERE, laidReport, unpacked } from './packing.ts';
import { startSite } from './site.ts';

const MB = 1_000_000;

test('a packed function runs from its zip alone, and is the same bytes in another folder and time zone', async (t) => {
  const folder = laidReport(t);
  const first = await abreast(['lambda', 'pack', 'nightly.yaml', '--arch', HERE, '--json'], { cwd: folder });
  assert.equal(first.code, 0, first.err);
  const packed = JSON.parse(first.out);
  assert.deepEqual(packed.files, ['report/nightly.yaml', 'report/in/services.csv']);
  assert.deepEqual(packed.variables, ['SITE', 'TOKEN']);
  assert.ok(packed.bytes < 50 * MB && packed.unzippedBytes < 250 * MB, JSON.stringify(packed));

  const second = await abreast(
    ['lambda', 'pack', join(laidReport(t), 'nightly.yaml'), '--arch', HERE, '--json', '-o', 'again.zip'],
    {
      cwd: folder,
      env: { TZ: 'Asia/Tokyo' },
    },
  );
  assert.equal(JSON.parse(second.out).sha256, packed.sha256);
  const zip = readFileSync(join(folder, 'function.zip'));
  assert.ok(zip.equals(readFileSync(join(folder, 'again.zip'))));

  const task = unpacked(join(folder, 'task'), zip);
  const site = await startSite(t, 10);
  const env = functionEnv(task, folder, site.url);
  const sandbox = await Sandbox.start(t, { file: join(task, 'index.js'), env, timeoutMs: 30_000 });
  const outcome = await sandbox.invoke({ run: 'first' });
  assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
  assert.deepEqual((outcome.value as { exitCode: number }).exitCode, 0);
  assert.equal(readFileSync(join(folder, 'storage/first/files/out/counts.csv'), 'utf8'), 'n,s\n3,600\n');

  await t.test('its package can S3', { skip: NO_S3 }, async (t) => {
    const s3 = await startS3();
    t.after(() => s3.daemon.close());
    const storage = `s3://${s3.bucket}/runs`;
    const sandbox = await Sandbox.start(t, {
      file: join(task, 'index.js'),
      env: { ...env, ...s3.env, ABREAST_STORAGE: storage },
      timeoutMs: 60_000,
    });
    const outcome = await sandbox.invoke({ run: 'stored' });
    assert.ok(outcome.kind === 'response', JSON.stringify(outcome));
    assert.deepEqual(outcome.value, {
      done: true,
      run: 'stored',
      storage: `${storage}/stored`,
      exitCode: 0,
      rows: 3,
      failed: 0,
    });
    const again = await sandbox.invoke({ run: 'stored' });
    assert.ok(again.kind === 'response');
    assert.deepEqual(again.value, outcome.value, 'a second delivery');
    assert.deepEqual([...new Set(site.asked.values())], [2], 'each id once in both runs');
  });

  await t.test("AWS's own emulator runs it as well", { skip: NO_RIE }, async (t) => {
    const emulator = await startEmulator([process.execPath, BOOTSTRAP, join(task, 'index.js')], {
      ...env,
      TMPDIR: temporaryFolder(t),
      ABREAST_STORAGE: join(folder, 'emulated'),
    });
    t.after(() => emulator.close());
    const answer = (await emulator.invoke({ run: 'run-of-emulator' })) as { exitCode: number };
    assert.equal(answer.exitCode, 0, JSON.stringify(answer));
    assert.ok(existsSync(join(folder, 'emulated/run-of-emulator/files/out/counts.csv')));
  });
});
