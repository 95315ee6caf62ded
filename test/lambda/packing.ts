import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { unzipSync } from 'fflate';
import { lay, temporaryFolder } from '../folder.ts';

/** The processors of Lambda: the one that this machine has, and the other one. */
export const HERE = arch() === 'arm64' ? 'arm64' : 'x64';
export const OTHER = HERE === 'x64' ? 'arm64' : 'x64';

export const REPORT = `name: nightly
rows: { csv: in/services.csv }
requests:
  - { name: health, url: "\${SITE}/{{id}}", headers: { authorization: "Bearer \${TOKEN}", x-stage: "\${STAGE:-test}" } }
crunch: [{ name: counts, sql: "select count(*) as n, sum(status) as s from health" }]
dump: [{ table: counts, to: out/counts.csv }]
`;

/** A report in a folder of its own, with the file that it reads. */
export function laidReport(t: TestContext): string {
  const folder = join(temporaryFolder(t), 'report');
  lay(folder, { 'nightly.yaml': REPORT, 'in/services.csv': 'id\n1\n2\n3\n' });
  return folder;
}

/** The environment of a packed function. */
export function functionEnv(task: string, folder: string, site: string): Record<string, string> {
  return {
    LAMBDA_TASK_ROOT: task,
    ABREAST_REPORT: 'report/nightly.yaml',
    ABREAST_STORAGE: join(folder, 'storage'),
    SITE: site,
    TOKEN: 'a-token-of-the-test',
  };
}

/** The folder that Lambda makes of a zip. */
export function unpacked(folder: string, zip: Uint8Array): string {
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
