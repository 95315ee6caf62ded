import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../../src/trace/index.ts';
import { readStrace } from '../../../src/watch/recorders/syscalls/index.ts';
import { Script } from './script.ts';

const bytesOf = (text: string): number[] => [...Buffer.from(text)];
const REQUEST = bytesOf('GET /a HTTP/1.1\r\nHost: one.test\r\n\r\n');
const answer = (length: number, body: string): number[] =>
  bytesOf(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${body}`);

const closedAfter = (bytes: number[]): Exchange => {
  const script = new Script().connect(5, 80).send(5, REQUEST).wait(20).receive(5, bytes).wait(500).close(5);
  const [exchange] = readStrace(script.text).records.filter((each) => each.kind === 'exchange');
  return exchange!;
};

test('an answer of which the program read the beginning, until it closed its connection, is unread', () => {
  const { status, unread, error } = closedAfter(answer(4_000, 'part'));
  assert.deepEqual([status, unread, error ?? null], [200, true, null]);
  assert.equal(closedAfter(answer(4, 'part')).unread, undefined);
});
