import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import type { TraceRecord } from '../../src/trace/index.ts';
import { temporaryFolder } from '../folder.ts';
import { pageOf } from './browser.ts';

const SECRET = 'sk-live-4f9d8a7b6c5e4d3f2a1b';

/** As `--keep-urls` leaves it, or a recorder that replaced nothing. */
const RECORDS: readonly TraceRecord[] = [
  {
    kind: 'run',
    version: 2,
    startedUs: 0,
    command: ['python', 'report.py', '--token', SECRET],
    recorders: [{ name: 'test', version: '1', sees: ['exchange'] }],
  },
  { kind: 'process', pid: 1, argv: ['curl', '-H', `Authorization: Bearer ${SECRET}`] },
  ...[0, 1].map(
    (id): TraceRecord => ({
      kind: 'exchange',
      id,
      origin: 'https://example.com',
      url: `https://user:${SECRET}@example.com/?api_key=${SECRET}`,
      wantedUs: 0,
      sentUs: id,
      failedUs: 10,
      error: 'refused',
    }),
  ),
  { kind: 'end', endedUs: 10, lost: {} },
];

test('a page has no secret in it, though its trace has', async (t) => {
  const trace = join(temporaryFolder(t), 'trace.jsonl');
  writeFileSync(trace, `${RECORDS.map((record) => JSON.stringify(record)).join('\n')}\n`);
  const html = readFileSync(await pageOf(t, trace), 'utf8');
  const [, data] = /<script type="application\/octet-stream" id="trace-1">([^<]*)<\/script>/.exec(html)!;
  const records = inflateRawSync(Buffer.from(data!, 'base64')).toString();
  assert.match(records, /api_key=\*\*\*/);
  assert.ok(!records.includes(SECRET), records);
  assert.ok(!html.includes(SECRET));
});
