import assert from 'node:assert/strict';
import { test } from 'node:test';
import { many } from '../example.ts';
import { block, causesIn, idsIn, request, SITE, stack, verdictOf } from './example.ts';

/** 10 asked together, sent one after another over 2 s. */
const slow = many(10, (index) =>
  request(index + 1, { asked: 0, sent: 200 * index, read: 200 * index + 199 }),
);

test('lost time without evidence says where it was lost, and nothing more', () => {
  const [cause] = causesIn(slow);
  assert.equal(cause?.id, 'unexplained');
  assert.match(cause.text, /had their connection and were not sent; nothing in this trace says by what/);
  assert.equal(cause.remedy, null);
});

test('little lost time, and time in which the requests themselves cost CPU, need no cause', () => {
  assert.deepEqual(
    idsIn(many(10, (index) => request(index + 1, { asked: 0, sent: 40 * index, read: 40 * index + 199 }))),
    [],
  );
  const client = stack(1, `${SITE}/httpcore/_async/http11.py:90 send`, '/app/report.py:3 get');
  const { causes, facts } = verdictOf(slow, client, block('cpu', 0, 1_900, { stack: 1 }));
  assert.deepEqual(causes, []);
  assert.ok(facts.some((fact) => fact.includes('CPU that the requests themselves took')));
  assert.deepEqual(idsIn(slow, client, block('cpu', 0, 400, { stack: 1 })), ['unexplained']);
});
