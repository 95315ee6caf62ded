import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchError } from '../../../src/fetch/errors.ts';
import { type Address, Race, Reputation } from '../../../src/fetch/names/index.ts';
import { deadAddress } from './dead-address.ts';

async function listening(t: TestContext, host = '127.0.0.1', port = 0): Promise<Server & { port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}));
  server.listen(port, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

const at = (address: string): Address => ({ address, family: address.includes(':') ? 6 : 4 });

/** Not a packet leaves: an address in the documentation range (RFC 3849) whose connection never comes about. */
const DEAD = at('2001:db8::dead');

interface Outcome {
  readonly won?: Address;
  readonly error?: FetchError;
  readonly opened: readonly string[];
  readonly sockets: readonly Socket[];
}

interface Setting {
  readonly port: number;
  readonly reputation?: Reputation;
  readonly attemptDelayMs?: number;
}

/** Runs a race in which the dead address stays silent, and every other is really connected to. */
function raced(t: TestContext, addresses: readonly Address[], setting: Setting) {
  const opened: string[] = [];
  const sockets: Socket[] = [];
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const { port, reputation = new Reputation(), attemptDelayMs } = setting;
  const race = new Race({
    host: 'a.test',
    port,
    addresses,
    reputation,
    ...(attemptDelayMs !== undefined && { attemptDelayMs }),
    open: (address) => {
      opened.push(address.address);
      const socket = address.address === DEAD.address ? new Socket() : connect(port, address.address);
      sockets.push(socket);
      return socket;
    },
    onWin: (socket, won) => {
      t.after(() => socket.destroy());
      resolve({ won, opened, sockets });
    },
    onFail: (error) => resolve({ error, opened, sockets }),
  });
  return { race, opened, sockets, outcome: promise };
}

test('a single address is connected to, and no timer is left', async (t) => {
  const { port } = await listening(t);
  const setTimer = t.mock.method(globalThis, 'setTimeout');
  const { won, opened } = await raced(t, [at('127.0.0.1')], { port }).outcome;
  assert.deepEqual(won, at('127.0.0.1'));
  assert.deepEqual(opened, ['127.0.0.1']);
  assert.equal(setTimer.mock.callCount(), 0);
});

test('a silent address is overtaken by the next, and its socket destroyed', async (t) => {
  const { port } = await listening(t);
  const { won, opened, sockets } = await raced(t, [DEAD, at('127.0.0.1')], { port }).outcome;
  assert.deepEqual(won, at('127.0.0.1'));
  assert.deepEqual(opened, [DEAD.address, '127.0.0.1']);
  assert.equal(sockets[0]!.destroyed, true);
});

test('an address that really drops every SYN is overtaken, and goes second from then on', async (t) => {
  const { port } = await listening(t);
  await deadAddress(t, '127.0.0.3', port);
  const reputation = new Reputation();
  const addresses = [at('127.0.0.3'), at('127.0.0.1')];
  const first = await raced(t, addresses, { port, reputation }).outcome;
  assert.deepEqual(first.won, at('127.0.0.1'));
  assert.deepEqual(first.opened, ['127.0.0.3', '127.0.0.1']);
  const second = await raced(t, addresses, { port, reputation }).outcome;
  assert.deepEqual(second.opened, ['127.0.0.1']);
});

test('an address that answers in time is alone', async (t) => {
  const { port } = await listening(t);
  const { opened } = await raced(t, [at('127.0.0.1'), at('127.0.0.2')], { port }).outcome;
  await sleep(150);
  assert.deepEqual(opened, ['127.0.0.1']);
});

test('a refusal is followed by the next address at once', async (t) => {
  const { port } = await listening(t, '127.0.0.2');
  // With a delay as long as this, only a follow-up at once can win.
  const { won } = await raced(t, [at('127.0.0.1'), at('127.0.0.2')], { port, attemptDelayMs: 1e6 }).outcome;
  assert.deepEqual(won, at('127.0.0.2'));
});

test('when all refuse, one error names each address and what to check', async (t) => {
  const { port } = await listening(t, '127.0.0.9');
  const { error } = await raced(t, [at('127.0.0.1'), at('127.0.0.2')], { port }).outcome;
  assert.equal(error?.code, 'connect-refused');
  assert.equal(
    error.message,
    `no connection to a.test:${port}: 127.0.0.1:${port} refused; 127.0.0.2:${port} refused; is the server running, and is that its port?`,
  );
});

test('an address without a way there is connect-unreachable', async (t) => {
  // The broadcast address is no place for TCP: the kernel says so without sending anything.
  const { error } = await raced(t, [at('255.255.255.255')], { port: 9 }).outcome;
  assert.equal(error?.code, 'connect-unreachable');
});

test('cancelled, it destroys what runs and says nothing', async (t) => {
  const { port } = await listening(t);
  const { race, sockets, outcome } = raced(t, [DEAD, at('127.0.0.1')], { port, attemptDelayMs: 20 });
  race.cancel();
  assert.equal(await Promise.race([outcome, sleep(80, 'silence')]), 'silence');
  assert.deepEqual(
    sockets.map(({ destroyed }) => destroyed),
    [true],
  );
});

test('out of time, it says how far each address got', async (t) => {
  const { port } = await listening(t, '127.0.0.9');
  const { race, sockets } = raced(t, [at('127.0.0.1'), DEAD], { port, attemptDelayMs: 20 });
  await sleep(60);
  const error = race.timedOut(10_000);
  assert.equal(error.code, 'connect-refused');
  assert.match(error.message, /127\.0\.0\.1:\d+ refused; \[2001:db8::dead\]:\d+ did not answer in 10 s/);
  assert.ok(sockets.every(({ destroyed }) => destroyed));
  const alone = raced(t, [DEAD], { port });
  assert.equal(alone.race.timedOut(10_000).code, 'timeout-connect');
});

test('the first race pays for a dead family, the following ones take the other first', async (t) => {
  const { port } = await listening(t);
  const reputation = new Reputation();
  await raced(t, [DEAD, at('127.0.0.1')], { port, reputation }).outcome;
  const { opened } = await raced(t, [at('2001:db8::2'), at('127.0.0.1')], { port, reputation }).outcome;
  assert.deepEqual(opened, ['127.0.0.1']);
});

test('races that wait for a family move on at once when another race finds it dead', async (t) => {
  const { port } = await listening(t);
  const reputation = new Reputation();
  const waiting = Array.from({ length: 20 }, () =>
    raced(t, [DEAD, at('127.0.0.1')], { port, reputation, attemptDelayMs: 1e6 }),
  );
  await raced(t, [DEAD, at('127.0.0.1')], { port, reputation, attemptDelayMs: 10 }).outcome;
  const outcomes = await Promise.all(waiting.map(({ outcome }) => outcome));
  assert.ok(outcomes.every(({ won }) => won?.family === 4));
});

test('a family that works is not doubted for one dead address, but the address is', async (t) => {
  const { port } = await listening(t);
  const reputation = new Reputation();
  reputation.won(at('::1'), port);
  await raced(t, [DEAD, at('127.0.0.1')], { port, reputation }).outcome;
  assert.equal(reputation.doubts(DEAD, port), true);
  assert.equal(reputation.doubts(at('2001:db8::2'), port), false);
});

test('a refusal is no ground to doubt a family', () => {
  const reputation = new Reputation();
  reputation.lost(at('::1'), 80, 'ECONNREFUSED');
  assert.equal(reputation.doubts(at('::2'), 80), false);
  assert.equal(reputation.doubts(at('::1'), 80), true);
  assert.equal(reputation.doubts(at('::1'), 443), false);
});

test('a family that died in mid-run is doubted after five failures, and trusted again when it wins', () => {
  const reputation = new Reputation();
  reputation.won(at('::1'), 80);
  for (let i = 1; i <= 4; i++) reputation.lost(at(`2001:db8::${i}`), 80);
  assert.equal(reputation.doubts(at('::9'), 80), false);
  reputation.lost(at('2001:db8::5'), 80);
  assert.equal(reputation.doubts(at('::9'), 80), true);
  reputation.won(at('::9'), 80);
  assert.equal(reputation.doubts(at('::9'), 80), false);
});
