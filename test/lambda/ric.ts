/**
 * `node test/lambda/ric.ts FOLDER`: a packed function under AWS's own runtime client for Node and its emulator, as in a container image.
 * FOLDER has node_modules/aws-lambda-ric, which needs a C++ compiler, cmake, autoconf, automake and libtool to be installed:
 * `npm install --allow-scripts=aws-lambda-ric aws-lambda-ric@4.0.2`. By hand, since that takes minutes.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { abreast } from '../e2e/abreast.ts';
import { lay } from '../folder.ts';
import { startEmulator } from './emulator.ts';
import { functionEnv, HERE, REPORT, unpacked } from './packing.ts';

const client = resolve(process.argv[2] ?? '.', 'node_modules/aws-lambda-ric/index.mjs');
const folder = mkdtempSync(join(tmpdir(), 'abreast-ric-'));
const site = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
try {
  lay(folder, { 'nightly.yaml': REPORT, 'in/services.csv': 'id\n1\n2\n3\n' });
  const { code, err } = await abreast(['lambda', 'pack', 'nightly.yaml', '--arch', HERE], { cwd: folder });
  assert.equal(code, 0, err);
  const task = unpacked(join(folder, 'task'), readFileSync(join(folder, 'function.zip')));
  const emulator = await startEmulator([process.execPath, client, 'index.handler'], {
    ...functionEnv(task, folder, `http://127.0.0.1:${(site.address() as AddressInfo).port}`),
    AWS_LAMBDA_FUNCTION_NAME: 'nightly',
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
    AWS_LAMBDA_LOG_GROUP_NAME: 'nightly',
    AWS_LAMBDA_LOG_STREAM_NAME: 'nightly',
  });
  console.log(await emulator.invoke({ run: 'by-hand' }));
  emulator.close();
  console.log(readFileSync(join(folder, 'storage/by-hand/files/out/counts.csv'), 'utf8'));
} finally {
  site.close();
  rmSync(folder, { recursive: true });
}
