import assert from 'node:assert/strict';
import { createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { before, test } from 'node:test';
import { abreast, folder } from './abreast.ts';

const COUNT = 300_000;
/** Held as objects, they would need several times as much. */
const HEAP_MB = 120;

const at = folder();
const trace = join(at, 'long.jsonl');

function* lines(): Generator<string> {
  const run = { kind: 'run', version: 2, startedUs: 1_790_000_000_000_000, command: ['x'], recorders: [] };
  yield `${JSON.stringify(run)}\n`;
  for (let id = 0; id < COUNT; id++) {
    const atUs = 50_000 * Math.floor(id / 100);
    const steps = { wantedUs: atUs, dispatchedUs: atUs, connectedUs: atUs, sentUs: atUs + 10 };
    const answer = { answeredUs: atUs + 45_000, readUs: atUs + 49_000, status: 200, error: null };
    const what = { kind: 'exchange', id, request: id, connection: id % 100, ordinal: Math.floor(id / 100) };
    const url = `https://example.com/items/${id}?page=${id}`;
    yield `${JSON.stringify({ ...what, method: 'GET', origin: 'https://example.com', url, ...steps, ...answer })}\n`;
  }
  yield `${JSON.stringify({ kind: 'end', endedUs: 500 * COUNT + 50_000, lost: {} })}\n`;
}

before(() => pipeline(Readable.from(lines()), createWriteStream(trace)));

for (const ending of ['.har', '.json', '.csv', '.otlp.json']) {
  test(`300,000 exchanges are written as ${ending} within a heap of ${HEAP_MB} MB`, async () => {
    const file = join(at, `long${ending}`);
    const env = { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` };
    const { code, err } = await abreast(['view', trace, '-o', file], { env });
    assert.equal(code, 0, err.slice(0, 500));
    assert.ok(statSync(file).size > 100 * COUNT);
  });
}
