import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { abreast } from './abreast.ts';

const EXAMPLES = new URL('../../examples', import.meta.url).pathname;
/** GETs of the report of the talk, which asks for 10,000: TALK_GETS=10000 npm test -- test/e2e/examples.test.ts */
const TALK_GETS = Number(process.env.TALK_GETS ?? 300);

/** The examples in a folder of their own, where they may write. */
function laid(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-examples-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(EXAMPLES, folder, { recursive: true, filter: (path) => !path.includes('/out') });
  return folder;
}

function dumped(folder: string, file: string): Record<string, string>[] {
  return parse(readFileSync(join(folder, 'out', file)), { columns: true }) as Record<string, string>[];
}

test('every example is listed in its README, and tested here', () => {
  const reports = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  const readme = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
  const tests = readFileSync(import.meta.filename, 'utf8');
  assert.ok(reports.length >= 3);
  for (const report of reports) {
    assert.ok(readme.includes(`](${report})`), report);
    assert.ok(tests.includes(`'${report}'`), report);
  }
});

test('health: 500 services, each an origin of its own; what is broken is told, and within what may fail', async (t) => {
  if (process.platform !== 'linux') {
    t.skip('only on Linux is all of 127.0.0.0/8 this machine');
    return;
  }
  const folder = laid(t);
  const { code, out, err } = await abreast(['report', 'health.yaml'], { cwd: folder });
  assert.equal(code, 0, err);
  assert.match(err, /2,000 GETs in .* 16 failed/);
  assert.match(out, /^slowest\naddress +service +gets +best_ms +worst_ms\n127\.1\./m);
  assert.match(
    readFileSync(join(folder, 'out/broken.md'), 'utf8'),
    /\| media-18 \| 127\.1\.0\.187 \| status \| 500 \| 4 \|/,
  );
  const metrics = readFileSync(join(folder, 'out/health.prom'), 'utf8');
  assert.match(metrics, /^teams_failed\{team="billing"\} 8$/m);
  assert.equal(metrics.match(/^teams_p99_ms\{/gm)?.length, 10);
});

test('third-party-api: all pages of all kinds, each thing once; a second run brings the file up to date', async (t) => {
  const folder = laid(t);
  for (const run of [1, 2]) {
    const { code, out, err } = await abreast(['report', 'third-party-api.yaml'], { cwd: folder });
    assert.equal(code, 0, `${run}: ${err}`);
    assert.match(err, /check nothing is missing: ok\ncheck nothing is there twice: ok/);
    assert.match(err, /items: .*items\.duckdb \(1,200 rows\)/);
    assert.match(out, /^lamp +240 +1\.98 /m);
  }
  const items = dumped(folder, 'items.csv');
  assert.deepEqual(
    items.map(({ id }) => Number(id)),
    Array.from({ length: 1200 }, (_, at) => at + 1),
  );
  assert.deepEqual({ ...items[0] }, { id: '1', name: 'chair 1', kind: 'chair', price: '79.19' });
  assert.ok(existsSync(join(folder, 'out/details.parquet')));
});

test('talk: every answer is of its row, every service has all its answers', async (t) => {
  const folder = laid(t);
  const file = join(folder, 'talk.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('range(10000)', `range(${TALK_GETS})`));
  const { code, err } = await abreast(['report', 'talk.yaml'], { cwd: folder });
  assert.equal(code, 0, err);
  assert.match(err, new RegExp(`^${TALK_GETS.toLocaleString('en')} GETs in .*, none failed$`, 'm'));
  const [services] = readdirSync(join(folder, 'out')).filter((name) => name.startsWith('services-'));
  const gets = dumped(folder, services!).reduce((sum, row) => sum + Number(row.gets), 0);
  assert.equal(gets, TALK_GETS);
});
