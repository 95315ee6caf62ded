import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { ZipEntry } from './zip.ts';

/** Beside the command's file in the package. There is none beside this source, of which ROOT is the checkout. */
const BUILT = new URL('function.cjs', import.meta.url);
const ROOT = new URL('../../..', import.meta.url);

/** The code finds its version two folders above itself, as it does in the package. */
const FUNCTION = 'dist/lambda/function.cjs';

/** What Lambda runs: `index.handler`, all of it in one file but for DuckDB's library. */
export function functionEntries(version: string): readonly ZipEntry[] {
  return [
    { path: 'index.js', bytes: bytesOf(`exports.handler = require('./${FUNCTION}').handler;\n`) },
    { path: 'package.json', bytes: bytesOf(`${JSON.stringify({ name: 'abreast', version })}\n`) },
    { path: FUNCTION, bytes: existsSync(BUILT) ? readFileSync(BUILT) : buildNow() },
  ];
}

function buildNow(): Buffer {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/lambda.ts'], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`the function can't be built: ${stderr}`);
  return stdout;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}
