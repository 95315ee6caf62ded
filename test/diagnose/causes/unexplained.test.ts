import assert from 'node:assert/strict';
import { test } from 'node:test';
import { many } from '../example.ts';
import { causesIn, idsIn, request, told } from './example.ts';

/** 10 wanted together, sent one after another over 2 s. */
const slow = many(10, (index) =>
  request(index + 1, { wanted: 0, sent: 200 * index, read: 200 * index + 199 }),
);

test('unexplained: lost time without evidence says where it was lost, and nothing more', () => {
  const [cause] = causesIn(slow);
  assert.equal(cause?.id, 'unexplained');
  assert.match(told(cause), /had their connection and were not sent; nothing in this trace says by what/);
  assert.equal(cause.fix, null);
});

test('unexplained: little lost time needs no cause, unless it is that all went one by one', () => {
  const stepped = (stepMs: number, takesMs: number) =>
    many(10, (index) =>
      request(index + 1, { wanted: 0, sent: stepMs * index, read: stepMs * index + takesMs }),
    );
  assert.deepEqual(idsIn(stepped(40, 199)), []);
  assert.deepEqual(idsIn(stepped(40, 39)), ['unexplained']);
});
