import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepPlace, takePlace } from '../../../src/queue/coordinator/place.ts';
import { ClockOffset } from '../../../src/queue/ledger/clock.ts';
import { Ledger } from '../../../src/queue/ledger/ledger.ts';
import { Membership, type Sharer } from '../../../src/queue/ledger/membership.ts';
import type { Amounts } from '../../../src/queue/ledger/shares.ts';
import { TIMINGS } from '../../../src/queue/ledger/timings.ts';
import type { Documents } from '../../../src/queue/servers/documents.ts';

/** A server with one document and a clock that the test sets. */
function server() {
  const it = { text: null as string | null, revision: 0, nowUs: 1e9 };
  const documents: Documents = {
    read: async () => ({ text: it.text, revision: `${it.revision}`, nowUs: it.nowUs }),
    replace: async (_, before, text) => {
      if (before.revision !== `${it.revision}`) return false;
      it.text = text;
      it.revision++;
      return true;
    },
  };
  return { it, documents };
}

/** A worker that uses all that it gets. */
function member(ledger: Ledger, id: string) {
  let used: Amounts = {};
  const told = {
    inFlight: 0,
    done: 0,
    chunks: 1,
    pending: 100,
    finished: [],
    wants: 20,
    cannot: null,
    clock: null,
  };
  const sharer: Sharer = {
    tell: () => told,
    inUse: () => used,
    limit: (shares) => {
      used = shares;
    },
    pauses: (known) => known,
  };
  return new Membership(ledger, { id, host: 'h', pid: 1, version: '0' }, sharer, TIMINGS);
}

test('workers hold no more than the limit together, though the server has lost what each of them holds', async (t) => {
  const { it, documents } = server();
  const ledger = new Ledger(documents, 'r', new ClockOffset());
  const self = { id: 'c', run: 'r', version: '0', limits: { concurrency: 20 } };
  await takePlace(ledger, self, TIMINGS);
  const members = [member(ledger, 'a'), member(ledger, 'b')];
  t.after(() => Promise.all(members.map((each) => each.leave())));
  const shares = () => members.map((each) => each.shares.concurrency ?? 0);
  for (let beat = 0; beat < 4; beat++) for (const each of members) await each.beat();
  assert.deepEqual(shares(), [10, 10]);
  it.text = null; // it was restarted empty
  it.revision++;
  await keepPlace(ledger, self, TIMINGS, 'go on');
  for (let beat = 0; beat < 8; beat++) {
    for (const each of members) {
      await each.beat();
      const [one = 0, other = 0] = shares();
      assert.ok(one + other <= 20, `${one} and ${other}`);
    }
    it.nowUs += 1e6;
  }
  assert.deepEqual(shares(), [10, 10]);
});
