import assert from 'node:assert/strict';
import { test } from 'node:test';
import { many } from '../example.ts';
import { causesIn, connection, idsIn, request, told } from './example.ts';

/** 20 sent at once, answered so many at a time. */
const queued = (atOnce: number) =>
  many(20, (index) =>
    request(index + 1, { wanted: 0, sent: index / 10, read: 200 * (1 + Math.floor(index / atOnce)) + index }),
  );

test('server-queues: a server that answers one at a time is possible, and what decides it is said', () => {
  const [cause] = causesIn(queued(1));
  assert.equal(cause?.id, 'server-queues');
  assert.equal(cause?.confidence, 'possible');
  assert.match(told(cause), /the server answered one at a time/);
  assert.match(cause.fix ?? '', /^Ask one at a time: if each is then answered/);
});

test('proxy-queues: a proxy is told by where the connections go', () => {
  const connections = queued(2).map(({ id }) => connection(id, { origin: 'http://127.0.0.1:3128' }));
  const [cause] = causesIn(queued(2), connections);
  assert.equal(cause?.id, 'proxy-queues');
  assert.match(told(cause), /the proxy http:\/\/127\.0\.0\.1:3128 answered 2 at a time/);
});

test('server-queues: a server that takes long for each is not blamed', () => {
  assert.deepEqual(idsIn(many(20, (index) => request(index + 1, { wanted: 0, read: 2_000 + index }))), []);
});

test('server-queues: two at a time are told by their rhythm, in whatever order they were sent', () => {
  const disordered = queued(2).map((one) => ({ ...one, sentUs: (one.id * 7_919) % 60_000 }));
  const [cause] = causesIn(disordered);
  assert.match(told(cause), /the server answered 2 at a time/);
  // Answers that come as chance has it are nobody's rhythm:
  const waits = [
    210, 840, 260, 1_900, 420, 1_130, 350, 1_620, 700, 2_150, 980, 1_310, 290, 1_750, 560, 2_050, 770, 1_480,
    230, 1_000,
  ];
  assert.deepEqual(
    idsIn(
      many(20, (index) => request(index + 1, { wanted: 0, sent: (index * 7) % 20, read: waits[index]! })),
    ),
    [],
  );
});

/** 11 sent at once; the server takes three at a time, for 200 ms each. */
const inSteps = many(11, (index) =>
  request(index + 1, {
    wanted: 0,
    sent: 5 * index,
    read: 200 * (1 + Math.floor(index / 3)) + 5 * (index % 3),
  }),
);

test('server-queues: a few that are answered in steps of three, in the order sent, are queued', () => {
  const [cause] = causesIn(inSteps);
  assert.equal(cause?.id, 'server-queues');
  assert.match(told(cause), /the server answered 3 at a time/);
});

test('server-queues: answers that took as long as their URLs asked for are not queued', () => {
  const asked = many(5, (index) =>
    request(
      index + 1,
      { wanted: 0, sent: index / 10, read: 200 * (index + 1) },
      { url: `https://example.com/delay/${(index + 1) / 5}` },
    ),
  );
  assert.deepEqual(idsIn(asked), []);
});

test('server-queues: streams that begin one after another, and all last far longer than that, are not queued', () => {
  const streams = many(16, (index) =>
    request(index + 1, { wanted: 0, sent: index / 4, answered: 14 + 4.5 * index, read: 1_260 + index }),
  );
  assert.deepEqual(idsIn(streams), []);
});
