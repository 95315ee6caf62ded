import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fifo } from '../../src/fetch/fifo.ts';

test('a queue gives what an array gives, whatever is done to it', () => {
  const step = fc.oneof(fc.nat(99), fc.constant('shift'), fc.constant('unshift'), fc.constant('take'));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const fifo = new Fifo<number>();
      let array: number[] = [];
      for (const step of steps) {
        if (step === 'shift') assert.equal(fifo.shift(), array.shift());
        else if (step === 'unshift') {
          fifo.unshift(-1);
          array.unshift(-1);
        } else if (step === 'take') {
          const isOdd = (n: number) => n % 2 !== 0;
          assert.deepEqual(fifo.take(isOdd), array.filter(isOdd));
          array = array.filter((n) => !isOdd(n));
        } else {
          fifo.push(Number(step));
          array.push(Number(step));
        }
        assert.equal(fifo.length, array.length);
      }
    }),
  );
});

test('taking from a long queue costs no more than from a short one', () => {
  /** Microseconds of this thread's CPU for 200,000 times in and out, with so many waiting. */
  const cost = (waiting: number) => {
    const fifo = new Fifo<number>();
    for (let i = 0; i < waiting; i++) fifo.push(i);
    const begun = process.threadCpuUsage();
    for (let i = 0; i < 200_000; i++) {
      fifo.push(i);
      fifo.shift();
    }
    return process.threadCpuUsage(begun).user;
  };
  cost(10);
  const [long, short] = [cost(400_000), cost(10)];
  assert.ok(long < 20 * short + 20_000, `${long} us with a long queue, ${short} us with a short one`);
});
