import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { keepPlace, leavePlace, takePlace } from '../../../src/queue/coordinator/place.ts';
import { ClockOffset } from '../../../src/queue/ledger/clock.ts';
import { Ledger } from '../../../src/queue/ledger/ledger.ts';
import { onBoth, open } from '../servers.ts';
import { SHORT } from '../timings.ts';

const self = (id: string) => ({ id, run: 'r', version: '1', limits: { concurrency: 5 } });

onBoth(
  'of two coordinators that are alive the second is refused, and the first is named',
  async (t, daemon) => {
    const server = await open(t, daemon);
    const ledger = new Ledger(server.documents, 'r', new ClockOffset());
    await takePlace(ledger, self('one'), SHORT);
    let beat: Promise<unknown> = Promise.resolve();
    const beating = setInterval(() => {
      beat = beat.then(() => keepPlace(ledger, self('one'), SHORT, 'go on'));
    }, SHORT.beatMs);
    t.after(() => {
      clearInterval(beating);
      return beat;
    });
    await assert.rejects(takePlace(ledger, self('other'), SHORT), ({ name, message }: Error) => {
      assert.equal(name, 'QueueError');
      assert.ok(message.includes(`process ${process.pid} on ${hostname()}`), message);
      return /has a coordinator already.*continue with --resume\.$/.test(message);
    });
  },
);

onBoth(
  'the place of one that fell silent is taken, and if it comes back, it has lost it',
  async (t, daemon) => {
    const server = await open(t, daemon);
    const ledger = new Ledger(server.documents, 'r', new ClockOffset());
    await takePlace(ledger, self('one'), SHORT);
    await takePlace(ledger, self('other'), SHORT);
    await assert.rejects(keepPlace(ledger, self('one'), SHORT, 'go on'), /has a coordinator already/);
    await leavePlace(ledger, self('one'), null);
    assert.equal((await ledger.read()).state?.coordinator?.id, 'other', 'and it removes nothing');
    await leavePlace(ledger, self('other'), 'stop');
    await takePlace(ledger, self('one'), SHORT);
    const { state } = await ledger.read();
    assert.deepEqual([state?.coordinator?.id, state?.wish], ['one', 'go on']);
  },
);
