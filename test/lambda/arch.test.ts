import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { abreast } from '../e2e/abreast.ts';
import { HERE, laidReport, OTHER } from './packing.ts';

const MB = 1_000_000;
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED/;

test(`a function for ${OTHER} has the library for it, and is under 50 MB`, async (t) => {
  const folder = laidReport(t);
  const { code, out, err } = await abreast(['lambda', 'pack', 'nightly.yaml', '--arch', OTHER, '--json'], {
    cwd: folder,
  });
  if (OFFLINE.test(err)) return t.skip('needs the npm registry, which can not be reached');
  assert.equal(code, 0, err);
  const { bytes } = JSON.parse(out);
  assert.ok(bytes < 50 * MB, `${bytes} bytes`);
  const names = Object.keys(unzipSync(readFileSync(join(folder, 'function.zip')), { filter: () => true }));
  assert.ok(names.includes(`node_modules/@duckdb/node-bindings-linux-${OTHER}/libduckdb.so`), names.join());
  assert.ok(!names.some((name) => name.includes(`linux-${HERE}`)));
});
