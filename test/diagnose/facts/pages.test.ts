import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { request, stack, verdictOf } from '../causes/example.ts';
import { many } from '../example.ts';

/** 8 requests in turn, each of which is redirected: its second URL is in the answer to its first. */
const redirected = many(8, (index) => {
  const given = { request: index + 1, stack: 1 };
  const first = 2 * index + 1;
  return [
    request(first, { wanted: 400 * index, read: 400 * index + 199 }, { ...given, status: 302, from: [] }),
    request(
      first + 1,
      { wanted: 400 * index + 200, read: 400 * index + 399 },
      { ...given, because: 'redirect', from: [first] },
    ),
  ];
}).flat();

describe('URLs that come out of answers', () => {
  it('are not those of redirects: a loop over requests that are redirected is a loop', () => {
    const { causes, facts } = verdictOf(stack(1, '/app/slow.py:3 get'), redirected);
    assert.equal(causes[0]?.id, 'await-in-loop');
    assert.doesNotMatch(facts.join(' '), /came out of the answer/);
    assert.match(facts.join(' '), /Each of 8 requests takes two trips/);
  });
});
