import assert from 'node:assert/strict';
import { test } from 'node:test';
import { report, request } from '../run/reports.ts';
import { addLines, line, opened, query, select } from './open.ts';

const MB = 1024 * 1024;

/** So many answers of so many bytes, each a list of items of 100 bytes. */
function answers(count: number, bytes: number): readonly string[] {
  const items = Array.from({ length: bytes / 100 }, (_, k) => ({ k, text: 'x'.repeat(80) }));
  const rest = JSON.stringify({ items }).slice(1);
  return Array.from({ length: count }, (_, index) => line(index, { body: `{"n":${index},${rest}` }));
}

function limits(memory: number) {
  return { ...report('/nowhere').limits, maxMemoryBytes: memory };
}

const ITEMS = `select "index", unnest(from_json(body->'$.items', '["json"]'))->>'$.k' as k from answers`;

test('five answers of 4 MB do not fail for want of memory while there is some', async (t) => {
  const there = await opened(t, { limits: limits(1000 * MB) });
  await addLines(there, request('answers'), answers(5, 4.3 * MB));
  await there.tables.query(query('items', ITEMS));
  const [counted] = await select(
    there.tables,
    'select count(*) as items, count(distinct k) as distinct_ks from items',
  );
  const each = Math.floor((4.3 * MB) / 100);
  assert.deepEqual(counted, { items: 5 * each, distinct_ks: each });
});

test('many large answers do not all stand in memory at once, and are in the order of their rows', async (t) => {
  const there = await opened(t, { limits: limits(200 * MB) });
  const sql = query('good', `(body->>'$.n')::int <> 7`);
  const judged = await addLines(
    there,
    request('answers', { good: { status: [], contentType: null, sql } }),
    answers(200, 0.5 * MB),
  );
  assert.deepEqual([judged.results, judged.notGood], [200, [7]]);
  const found = await select(there.tables, `select "index", body->>'$.n' as n, size from answers`);
  assert.deepEqual(
    found,
    Array.from({ length: 200 }, (_, index) => ({ index, n: String(index), size: index })),
  );
  await there.tables.query(query('items', ITEMS));
  const [counted] = await select(there.tables, 'select count(*) as items from items');
  assert.equal(counted!.items, 200 * Math.floor((0.5 * MB) / 100));
});

test('an answer that is too large for the memory that there is is one error that says what to raise', async (t) => {
  const there = await opened(t, { limits: limits(20 * MB) });
  await assert.rejects(
    addLines(there, request('answers'), answers(3, 50 * MB)),
    (error: Error) =>
      error.name === 'ReportError' && /memory than it may take; raise `limits\.memory`/.test(error.message),
  );
});

test('a query that does not fit in what DuckDB has at first gets all that it may take', async (t) => {
  const numbers = `select list(range) as all_numbers from range(15_000_000)`;
  const small = await opened(t, { limits: limits(100 * MB) });
  await assert.rejects(small.tables.query(query('numbers', numbers)), /raise `limits\.memory`/);
  const large = await opened(t, { limits: limits(2000 * MB) });
  await large.tables.query(query('numbers', numbers));
});
