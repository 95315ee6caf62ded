import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { abreast } from '../e2e/abreast.ts';
import { lay } from '../folder.ts';
import { startEmulator } from './emulator.ts';
import { functionEnv, HERE, REPORT, unpacked } from './packing.ts';

/** Of its container: the client, and the leave for npm to build it. */
const PACKAGE = { dependencies: { 'aws-lambda-ric': '4.0.2' }, allowScripts: { 'aws-lambda-ric': true } };

/**
 * Installs AWS's own runtime client for Node into an empty folder, as a container image has it, and runs a packed function
 * with it under AWS's emulator. npm builds it, which takes minutes and needs a C++ compiler, cmake, autoconf, automake and
 * libtool. Returns what the function said, and the table that it wrote.
 */
export async function runWithRuntimeClient(folder: string): Promise<string> {
  lay(folder, {
    'nightly.yaml': REPORT,
    'in/services.csv': 'id\n1\n2\n3\n',
    'package.json': JSON.stringify(PACKAGE),
  });
  execFileSync('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 'inherit'],
  });
  const { code, err } = await abreast(['lambda', 'pack', 'nightly.yaml', '--arch', HERE], { cwd: folder });
  if (code !== 0) throw new Error(err);
  const task = unpacked(join(folder, 'task'), readFileSync(join(folder, 'function.zip')));
  const client = join(folder, 'node_modules/aws-lambda-ric/index.mjs');
  const site = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const emulator = await startEmulator([process.execPath, client, 'index.handler'], {
    ...functionEnv(task, folder, `http://127.0.0.1:${(site.address() as AddressInfo).port}`),
    AWS_LAMBDA_FUNCTION_NAME: 'nightly',
    AWS_LAMBDA_FUNCTION_VERSION: '1',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
    AWS_LAMBDA_LOG_GROUP_NAME: 'nightly',
    AWS_LAMBDA_LOG_STREAM_NAME: 'nightly',
  });
  try {
    const said = JSON.stringify(await emulator.invoke({ run: 'by-hand' }));
    return `${said}\n${readFileSync(join(folder, 'storage/by-hand/files/out/counts.csv'), 'utf8')}`;
  } finally {
    emulator.close();
    site.close();
  }
}
