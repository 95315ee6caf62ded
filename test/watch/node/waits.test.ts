import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import type { TraceRecord } from '../../../src/trace/index.ts';
import { nodeOf } from './nodes.ts';
import { level, of, run } from './run.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const PROGRAM = (ask: string, work: string): string => `
const http = require('http');
const at = process.env.HTTP + '/delay/0.1';
const get = ${ask};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const items = Array.from({ length: 8 }, (_, i) => i);
class Permits {
  constructor(free) { this.free = free; this.waiting = []; }
  async acquire() {
    if (this.free > 0) { this.free--; return; }
    await new Promise((resolve) => this.waiting.push(resolve));
  }
  release() { const next = this.waiting.shift(); if (next) next(); else this.free++; }
}
(async () => { ${work} })().then(() => process.exit(0));`;

const ASKS = [
  `async () => (await fetch(at)).text()`,
  `() => new Promise((resolve) => http.get(at, (answer) => answer.resume().on('end', resolve)))`,
];

const PERMITS = `
const permits = new Permits(2);
await Promise.all(items.map(async () => {
  await permits.acquire();
  await get();
  permits.release();
}));`;

/** Waits for what the work has begun itself, for a timer, or for a file: none is a wait for other units. */
const OWN = {
  'a pause': 'await Promise.all(items.map(async (i) => { await sleep(40 * i); await get(); }));',
  'a file':
    'await Promise.all(items.map(async () => { await require("fs").promises.readFile(__filename); await sleep(50); await get(); }));',
  'its own request before': 'await Promise.all(items.map(async () => { await get(); await get(); }));',
  'a request that was begun ahead':
    'let next = get(); for (const _ of items) { await next; next = get(); } await next;',
  'one request of all':
    'const first = get(); await Promise.all(items.map(async () => { await first; await get(); }));',
  'what middlewares return that begin the next one': `
    let handle = async () => { await sleep(3); return get(); };
    const around = (next, i) => i % 2 ? async () => { const answer = await next(); return answer; } : async () => next();
    for (let i = 0; i < 24; i++) handle = around(handle, i);
    for (const _ of items) await handle();`,
  'a thenable whose answer is handled by an asynchronous function': `
    const ask = () => new Promise((resolve) => http.get(at, (answer) => {
      const handled = async () => { await null; for await (const _ of answer); };
      const passedOn = async () => handled();
      passedOn().then(resolve);
    }));
    for (const _ of items) { const asked = ask(); await { then: (...both) => asked.then(...both) }; }`,
  'what all of it waited for before its first request': `
    const settings = (async () => { await sleep(150); await null; })();
    const others = (async () => { await settings; return 1; })();
    const ask = async () => new Promise((resolve) => http.get(at, (answer) => answer.resume().on('end', resolve)));
    const send = async () => { await settings; await others; return ask(); };
    for (const _ of items) await (async () => send())();`,
  'an asynchronous generator':
    'async function* answers() { for (const _ of items) yield await get(); } for await (const _ of answers());',
};

const SERVED = `
let chain = Promise.resolve();
const app = http.createServer(async (request, response) => {
  chain = chain.then(get);
  await chain;
  response.end('done');
});
await new Promise((resolve) => app.listen(0, '127.0.0.1', resolve));
const own = 'http://127.0.0.1:' + app.address().port;
await Promise.all(items.map(() => new Promise((resolve) => http.get(own, (answer) => answer.resume().on('end', resolve)))));`;

const upstream = (records: readonly TraceRecord[]) =>
  records.filter((record) => record.kind !== 'exchange' || record.url?.includes('/delay/') === true);

for (const version of ['20.20.2', '24.21.0', '26.10.0']) {
  const { path, skip } = nodeOf(version);
  for (const ask of ASKS) {
    const way = ask.includes('fetch') ? 'fetch' : 'http';
    const traced = async (work: string): Promise<TraceRecord[]> => {
      const ran = await run(path, PROGRAM(ask, work), { environment: { HTTP: server.httpUrl } });
      assert.equal(ran.output, '');
      return ran.records;
    };

    test(`Node ${version}, ${way}: a unit that waits for a permit waits for its resource, at its line`, {
      skip,
    }, async () => {
      const records = await traced(PERMITS);
      const resources = of('resource', records);
      const permits = resources.find(({ name }) => name === 'Permits.acquire');
      assert.ok(permits !== undefined, JSON.stringify(resources));
      const waits = of('block', records).filter(({ wait }) => wait.resource === permits.id);
      assert.ok(waits.length >= 5, `${waits.length} waits`);
      const units = new Map(of('unit', records).map((unit) => [unit.id, unit]));
      for (const { unit, fromUs, toUs, stack } of waits) {
        assert.ok(fromUs < toUs && units.get(unit!)!.madeUs! <= fromUs + 1);
        const frames = of('stack', records).find(({ id }) => id === stack)!.frames;
        assert.equal(frames[0]!.line, 11);
      }
    });

    for (const [what, work] of Object.entries(OWN))
      test(`Node ${version}, ${way}: a unit that waits for ${what} waits for no other unit`, {
        skip,
      }, async () => {
        const records = await traced(work);
        const [wanted, called] = [level(records, 'wantedUs'), level(records, 'calledUs')];
        assert.ok(wanted < 1.2 * called, `wanted ${wanted}, called ${called}`);
        assert.deepEqual(of('resource', records), []);
      });

    test(`Node ${version}, ${way}: served requests that form a chain wait for the ones before`, {
      skip,
    }, async () => {
      const records = upstream(await traced(SERVED));
      const [wanted, called] = [level(records, 'wantedUs'), level(records, 'calledUs')];
      assert.ok(wanted > 1.8 * called, `wanted ${wanted}, called ${called}`);
    });
  }
}
