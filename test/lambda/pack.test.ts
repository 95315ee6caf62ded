import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import { abreast } from '../e2e/abreast.ts';
import { temporaryFolder } from '../folder.ts';
import { commandAt, freePort, NO_S3, startS3 } from '../servers/index.ts';
import { BOOTSTRAP, Sandbox } from './lambda.ts';
import { HERE, laidReport } from './packing.ts';
import { startSite } from './site.ts';

const MB = 1_000_000;
const NO_RIE =
  commandAt('aws-lambda-rie') === undefined && 'needs aws-lambda-rie: scripts/system.sh aws-lambda-rie';

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
    const answer = await underEmulator(t, task, { ...env, ABREAST_STORAGE: join(folder, 'emulated') });
    assert.equal(answer.exitCode, 0, JSON.stringify(answer));
    assert.ok(existsSync(join(folder, 'emulated/run-of-emulator/files/out/counts.csv')));
  });
});

function functionEnv(task: string, folder: string, site: string): Record<string, string> {
  return {
    LAMBDA_TASK_ROOT: task,
    ABREAST_REPORT: 'report/nightly.yaml',
    ABREAST_STORAGE: join(folder, 'storage'),
    SITE: site,
    TOKEN: 'a-token-of-the-test',
  };
}

function unpacked(folder: string, zip: Uint8Array): string {
  for (const [path, bytes] of Object.entries(unzipSync(zip))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  assert.deepEqual(readdirSync(folder).sort(), [
    'dist',
    'index.js',
    'node_modules',
    'package.json',
    'report',
  ]);
  return folder;
}

/** Invokes the function as AWS's Runtime Interface Emulator does, with the runtime of these tests. */
async function underEmulator(
  t: TestContext,
  task: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode?: number }> {
  const [port, runtimePort] = [await freePort(), await freePort()];
  const emulator = spawn(
    commandAt('aws-lambda-rie')!,
    [
      ...['--runtime-interface-emulator-address', `127.0.0.1:${port}`],
      ...['--runtime-api-address', `127.0.0.1:${runtimePort}`, '--log-level', 'error'],
      ...[process.execPath, BOOTSTRAP, join(task, 'index.js')],
    ],
    {
      env: { PATH: process.env.PATH!, TMPDIR: temporaryFolder(t), AWS_LAMBDA_FUNCTION_TIMEOUT: '30', ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  t.after(() => emulator.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
  for (;;) {
    try {
      const answer = await fetch(url, { method: 'POST', body: '{"run":"run-of-emulator"}' });
      return (await answer.json()) as { exitCode?: number };
    } catch (error) {
      // It does not listen yet.
      if (emulator.exitCode !== null) throw error;
      await sleep(50);
    }
  }
}
