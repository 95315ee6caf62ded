import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { nodeOf } from './nodes.ts';
import { level, of, run } from './run.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const WAYS = {
  fetch: `const get = async () => (await fetch(process.env.HTTP + '/delay/0.05')).text();`,
  http: `const get = () => new Promise((resolve, reject) => require('http').get(process.env.HTTP + '/delay/0.05', (answer) => answer.resume().on('end', resolve)).on('error', reject));`,
};

/** Work that is handed over together, and held back by the program itself: the mean asked is far above that sent. */
const HELD_BACK = {
  'a semaphore': `
let free = 2;
const waiting = [];
const acquire = () => (free > 0 ? (free--, Promise.resolve()) : new Promise((resolve) => waiting.push(resolve)));
const release = () => { const next = waiting.shift(); if (next) next(); else free++; };
const work = async () => { await acquire(); try { return await get(); } finally { release(); } };
Promise.all(Array.from({ length: 12 }, work));`,
  'a mutex around a helper': `
let tail = null;
const waiting = [];
async function lock() { if (tail === null) { tail = true; return; } await new Promise((resolve) => waiting.push(resolve)); }
function unlock() { const next = waiting.shift(); if (next) next(); else tail = null; }
const helper = async () => get();
const work = async () => { await lock(); const answer = await helper(); unlock(); return answer; };
(async () => { await null; await Promise.all(Array.from({ length: 12 }, () => work())); })();`,
  'a queue of jobs': `
const jobs = [];
let running = 0;
function next() {
  if (running >= 2 || jobs.length === 0) return;
  running++;
  jobs.shift()();
}
const add = async (job) => new Promise((resolve, reject) => {
  jobs.push(async () => {
    try { resolve(await job()); } catch (error) { reject(error); }
    running--;
    next();
  });
  next();
});
Promise.all(Array.from({ length: 12 }, () => add(get)));`,
  'a limit that hands its result over at once': `
const queue = [];
let active = 0;
const next = () => { active--; if (queue.length > 0) queue.shift()(); };
const begin = async (job, resolve) => {
  active++;
  const result = (async () => job())();
  resolve(result);
  try { await result; } catch {}
  next();
};
const limit = (job) => new Promise((resolve) => { queue.push(() => begin(job, resolve)); if (active < 2) queue.shift()(); });
Promise.all(Array.from({ length: 12 }, () => limit(get)));`,
  'a chain of promises as a lock': `
let last = Promise.resolve();
const locked = (job) => { const mine = last.then(job); last = mine.catch(() => {}); return mine; };
Promise.all(Array.from({ length: 12 }, () => locked(get)));`,
  'a lock that each hands on with a promise of its own': `
let tail = Promise.resolve();
const exclusive = async (job) => {
  const before = tail;
  let done;
  tail = new Promise((resolve) => { done = resolve; });
  await before;
  try { return await job(); } finally { done(); }
};
Promise.all(Array.from({ length: 12 }, () => exclusive(get)));`,
  'a lock of promises that each piece of work awaits': `
let last = Promise.resolve();
const locked = async (job) => { const mine = last.then(job, job); last = mine; const answer = await mine; return answer; };
Promise.all(Array.from({ length: 12 }, () => locked(get)));`,
  'a promise that all wait for, and one replaces, from a main program': `
let busy = null;
const work = async () => { while (busy) await busy; busy = get().finally(() => { busy = null; }); return busy; };
Promise.all(Array.from({ length: 12 }, work));`,
  'a promise that all wait for, and one replaces, from an asynchronous function': `
let busy = null;
const work = async () => { while (busy) await busy; busy = get(); await busy; busy = null; };
(async () => { await null; await Promise.all(Array.from({ length: 12 }, work)); })();`,
  'an event that says that it is free': `
const { EventEmitter, once } = require('events');
const bus = new EventEmitter().setMaxListeners(0);
let busy = false;
const work = async () => { while (busy) await once(bus, 'free'); busy = true; await get(); busy = false; bus.emit('free'); };
Promise.all(Array.from({ length: 12 }, work));`,
};

/** Work that is not handed over before it is done: what is asked is what is sent. */
const NOT_ASKED = {
  'a loop': `(async () => { for (let i = 0; i < 8; i++) await get(); })();`,
  'promises that wrap work, one after another in workers': `
const wrapped = () => new Promise(async (resolve) => { await get(); resolve(); });
const worker = async () => { for (let i = 0; i < 4; i++) await wrapped(); };
(async () => { await null; await Promise.all(Array.from({ length: 4 }, worker)); })();`,
  'a result that is used twice': `
const pair = () => { const one = get(); const two = one.then(get); return Promise.all([one, two]); };
(async () => { await null; await Promise.all(Array.from({ length: 6 }, pair)); })();`,
  'a chain of thens with its results': `
const all = [];
Array.from({ length: 8 }).reduce((before) => before.then(get).then((answer) => { all.push(answer); }), Promise.resolve());`,
  'a chain of thens': `Array.from({ length: 8 }).reduce((before) => before.then(get), Promise.resolve());`,
  'long-lived workers': `
let left = 16;
const worker = async () => { while (left-- > 0) await get(); };
(async () => { await null; await Promise.all(Array.from({ length: 4 }, worker)); })();`,
  'workers that call fetch themselves': `
const worker = async () => { for (let i = 0; i < 4; i++) await (await fetch(process.env.HTTP + '/delay/0.05')).text(); };
(async () => { await null; await Promise.all(Array.from({ length: 4 }, worker)); })();`,
  'workers of two rounds': `
const worker = async () => { await get(); await get(); };
(async () => { await null; await Promise.all(Array.from({ length: 6 }, worker)); })();`,
  batches: `
(async () => { for (let batch = 0; batch < 4; batch++) await Promise.all(Array.from({ length: 4 }, get)); })();`,
  'a loop that also notes each answer': `
let done = 0;
(async () => { for (let i = 0; i < 8; i++) { const answer = get(); answer.then(() => done++); await answer; } })();`,
  'workers that share an array': `
const jobs = Array.from({ length: 16 }, () => get);
const worker = async () => { while (jobs.length > 0) await jobs.shift()(); };
Promise.all(Array.from({ length: 4 }, worker));`,
  'a window of a race': `
const active = new Set();
(async () => {
  for (let i = 0; i < 12; i++) {
    const one = get().then(() => active.delete(one));
    active.add(one);
    if (active.size >= 3) await Promise.race(active);
  }
  await Promise.all(active);
})();`,
  'a login before': `
(async () => { await get(); await Promise.all(Array.from({ length: 8 }, async () => { await null; return get(); })); })();`,
};

for (const version of ['18.20.8', '24.21.0', '26.10.0']) {
  const { path, skip } = nodeOf(version);
  describe(`Node ${version}`, { skip }, () => {
    for (const [way, get] of Object.entries(WAYS)) {
      for (const [what, program] of Object.entries(HELD_BACK)) {
        test(`${way} behind ${what} was asked when it was handed over`, async () => {
          const { records } = await run(path, get + program, { environment: { HTTP: server.httpUrl } });
          assert.equal(of('exchange', records).length, 12);
          const [asked, called] = [level(records, 'wantedUs'), level(records, 'calledUs')];
          assert.ok(asked > 1.8 * called, `asked ${asked}, called ${called}`);
        });
      }
      for (const [what, program] of Object.entries(NOT_ASKED)) {
        test(`${way} in ${what} was asked when it was called`, async () => {
          const { records } = await run(path, get + program, { environment: { HTTP: server.httpUrl } });
          assert.ok(of('exchange', records).length >= 8);
          const [asked, called] = [level(records, 'wantedUs'), level(records, 'calledUs')];
          assert.ok(asked < 1.35 * called, `asked ${asked}, called ${called}`);
        });
      }
    }
  });
}

/** Each piece of work waits for its turn, asks for a token, and lets the next one have its turn while it goes on. */
const TURNS = `
const get = async (path) => (await fetch(process.env.HTTP + path)).text();
let refreshing = null;
const token = async (k) => {
  while (refreshing) await refreshing;
  refreshing = get('/delay/0.05?step=first&k=' + k).finally(() => { refreshing = null; });
  return refreshing;
};
Promise.all(Array.from({ length: 8 }, async (_, k) => { await token(k); await get('/delay/0.05?step=second&k=' + k); }));`;

for (const version of ['18.20.8', '24.21.0', '26.10.0']) {
  const { path, skip } = nodeOf(version);
  test(`Node ${version}: what a piece of work asks for after its turn is of the same unit, and wanted after it`, {
    skip,
  }, async () => {
    const { records } = await run(path, TURNS, { environment: { HTTP: server.httpUrl } });
    const step = (name: string) =>
      new Map(
        of('exchange', records)
          .filter(({ url }) => url!.includes(`step=${name}`))
          .map((exchange) => [/k=(\d+)/.exec(exchange.url!)![1], exchange]),
      );
    const [first, second] = [step('first'), step('second')];
    const both = ['3', '4', '5', '6', '7'].map((k) => [first.get(k)!, second.get(k)!] as const);
    for (const [one] of both) assert.ok(one.unit !== undefined);
    for (const [one, other] of both) assert.ok(other.wantedUs! > one.calledUs!);
    // On a busy machine a client may wait for a while inside, as if for others.
    assert.ok(both.filter(([one, other]) => other.unit === one.unit).length >= 3);
    assert.equal(new Set([...first.values()].map(({ unit }) => unit)).size, 8);
  });
}

/** A server that asks upstream three times in a row for each request, by callbacks, timers and promises; asked twice. */
const SERVER = `
const http = require('http');
const upstream = () => new Promise((resolve) => http.get(process.env.HTTP + '/delay/0.02', (answer) => answer.resume().on('end', () => setTimeout(resolve, 1))));
const server = http.createServer(async (request, response) => {
  for (let i = 0; i < 3; i++) await upstream();
  response.end('done');
});
server.listen(0, '127.0.0.1', async () => {
  const own = 'http://127.0.0.1:' + server.address().port;
  await Promise.all([1, 2].map(() => new Promise((resolve) => http.get(own + '/report?token=abcdef123456', (answer) => answer.resume().on('end', resolve)))));
  server.close();
});`;

for (const version of ['18.20.8', '22.23.3', '24.21.0', '26.10.0']) {
  const { path, skip } = nodeOf(version);
  test(`Node ${version}: each exchange in the service of a request names it`, { skip }, async () => {
    const { records } = await run(path, SERVER, { environment: { HTTP: server.httpUrl } });
    const served = of('unit', records).filter(({ type }) => type === 'served-request');
    assert.equal(served.length, 2);
    for (const { id, madeUs, endedUs, method, route } of served) {
      assert.deepEqual([method, route], ['GET', '/report']);
      const own = of('exchange', records).filter(({ unit }) => unit === id);
      assert.equal(own.length, 3);
      for (const { calledUs, readUs } of own) assert.ok(madeUs! <= calledUs! && readUs! <= endedUs!);
    }
    assert.equal(of('exchange', records).filter(({ unit }) => unit === undefined).length, 2);
  });

  test(`Node ${version}: work that waits for a permit, or in a queue, is a unit of its own, made when it was wanted`, {
    skip,
  }, async () => {
    for (const what of ['a semaphore', 'a queue of jobs'] as const) {
      const program = WAYS.fetch + HELD_BACK[what];
      const { records } = await run(path, program, { environment: { HTTP: server.httpUrl } });
      const units = new Map(of('unit', records).map((unit) => [unit.id, unit]));
      const waited = of('exchange', records).filter(({ unit }) => unit !== undefined);
      assert.ok(waited.length >= 8, what);
      assert.equal(new Set(waited.map(({ unit }) => unit)).size, waited.length);
      for (const { unit, wantedUs } of waited) {
        const { madeUs, type } = units.get(unit!)!;
        assert.ok(madeUs! <= wantedUs!);
        assert.ok(type === 'task' || type === 'queue-item', type);
      }
    }
  });
}
