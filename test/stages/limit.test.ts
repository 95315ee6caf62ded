import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Room } from '../../src/stages/limit.ts';

test('no more than the places there are work at once, in the order of asking, but what must come first passes by', async () => {
  const room = new Room(2);
  const order: string[] = [];
  let now = 0;
  let most = 0;
  const work = (name: string) => async () => {
    order.push(name);
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  const asked = ['a', 'b', 'c', 'd'].map((name) => room.with(work(name)));
  await Promise.all([...asked, room.with(work('first'), true)]);
  assert.deepEqual(order, ['a', 'b', 'first', 'c', 'd']);
  assert.equal(most, 2);
});

test('what is done alone waits for what is under way, and what comes later for it', async () => {
  const room = new Room(2);
  let now = 0;
  const beside: number[] = [];
  const work = async () => {
    now++;
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  const alone = async () => {
    beside.push(now);
    await work();
    beside.push(now);
  };
  await Promise.all([
    room.with(work),
    room.with(work),
    room.with(work),
    room.alone(alone),
    room.alone(alone),
  ]);
  assert.deepEqual(beside, [0, 0, 0, 0]);
});

test('a place is free again after work that failed', async () => {
  const room = new Room(1);
  await assert.rejects(room.with(() => Promise.reject(new Error('no'))));
  assert.equal(await room.with(async () => 'yes'), 'yes');
});
