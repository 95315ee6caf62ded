import assert from 'node:assert/strict';
import { test } from 'node:test';
import { many, us } from '../example.ts';
import { causesIn, connection, idsIn, request, told } from './example.ts';

/** Ten requests at once, each on a connection of its own that stands after so long. */
const opening = (connectedMs: (index: number) => number) =>
  many(10, (index) => {
    const connected = connectedMs(index);
    return request(index + 1, { wanted: 0, dispatched: 0, connected, read: connected + 100 });
  });

/** What system calls show of them: attempts at one address, then, `afterMs` later, at another. */
const attempts = (afterMs: number, closedMs = afterMs) =>
  many(10, (index) => [
    connection(100 + index, {
      thread: index,
      remote: '10.0.0.1:80',
      connectingUs: 0,
      connectedUs: null,
    }),
    { kind: 'connectionClosed' as const, id: 100 + index, atUs: us(closedMs) },
    connection(index + 1, {
      origin: 'http://two.test',
      thread: index,
      remote: '10.0.0.2:80',
      connectingUs: us(afterMs),
      connectedUs: us(afterMs + 1),
    }),
  ]).flat();

test('dead-address: an address that does not answer is named, with how long each connection waited for it', () => {
  const [cause, ...others] = causesIn(
    opening(() => 501),
    attempts(500),
  );
  assert.equal(cause?.id, 'dead-address');
  assert.equal(cause.confidence, 'certain');
  assert.match(
    told(cause),
    /two\.test has an address that does not answer, 10\.0\.0\.1: 10 connections waited/,
  );
  assert.match(told(cause), /0\.5 s at most, before 10\.0\.0\.2 was tried/);
  assert.ok(cause.share > 0.7);
  assert.deepEqual(others, []);
});

test('dead-address: addresses that are tried side by side hold nothing up', () => {
  assert.ok(
    !idsIn(
      opening(() => 251),
      attempts(250, 3_000),
    ).includes('dead-address'),
  );
  assert.ok(
    !idsIn(
      opening(() => 501),
      attempts(500, 100),
    ).includes('dead-address'),
    'what was given up long before is another matter',
  );
});

const standing = (connectedMs: (index: number) => number) =>
  many(10, (index) =>
    connection(index + 1, {
      origin: 'http://one.test',
      remote: '10.0.0.1:80',
      connectingUs: 0,
      connectedUs: us(connectedMs(index)),
    }),
  );

test('syn-again: connections that take whole seconds to open lost their first packet', () => {
  const connectedMs = (index: number) => [1, 1_004, 2_030, 3_050][index % 4]!;
  const [cause, ...others] = causesIn(opening(connectedMs), standing(connectedMs));
  assert.equal(cause?.id, 'syn-again');
  assert.match(told(cause), /7 connections to one\.test took 3\.0 s at most to open/);
  assert.deepEqual(others, []);
});

test('syn-again: connections that take long for another reason take any time', () => {
  const connectedMs = (index: number) => 1_000 + 137 * index;
  assert.ok(!idsIn(opening(connectedMs), standing(connectedMs)).includes('syn-again'));
});
