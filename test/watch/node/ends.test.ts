import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange } from '../../../src/trace/index.ts';
import { nodeOf, RECORDED } from './nodes.ts';
import { of, run } from './run.ts';

/** A server and a client in one process; the client is a piece of code. */
const PROGRAM = (client: string): string => `
const http = require('http');
let busy = 0;
const server = http.createServer((request, response) => {
  if (request.url === '/broken') {
    response.writeHead(200, { 'content-length': 100000 }).write('x');
    setTimeout(() => response.destroy(), 20);
  } else if (request.url === '/moved') response.writeHead(302, { location: '/small?to' }).end();
  else if (request.url === '/busy' && busy++ === 0) response.writeHead(429, { 'retry-after': '7' }).end();
  else if (request.url === '/auth' && !request.headers.authorization) response.writeHead(401).end();
  else response.end(request.url.startsWith('/big') ? Buffer.alloc(400000, 'x') : 'small');
});
server.listen(0, '127.0.0.1', async () => {
  const at = 'http://127.0.0.1:' + server.address().port;
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const answer = (path, options = {}) => new Promise((resolve, reject) => http.get(at + path, options, resolve).on('error', reject));
  await (async () => { ${client} })();
  await pause(80);
  process.exit(0);
});`;

const failed = (all: readonly Exchange[]): (string | null | undefined)[] =>
  all.filter(({ failedUs }) => failedUs !== undefined).map(({ error }) => error);

const TWO = ['fetch(at + "/big?" + i)', 'answer("/big?" + i)', 'answer("/small?" + i)'];

for (const version of RECORDED) {
  const { path, skip } = nodeOf(version);
  const exchanges = async (client: string): Promise<Exchange[]> => {
    const { records, output } = await run(path, PROGRAM(client));
    assert.equal(output, '');
    assert.deepEqual(of('end', records)[0]?.lost, { dropped: 0, notUnderstood: 0 });
    return of('exchange', records).toSorted((one, other) => one.id - other.id);
  };

  for (const asked of TWO)
    test(`Node ${version}: a body that the program does not read does not keep ${asked} in flight`, {
      skip,
    }, async () => {
      const all = await exchanges(
        `for (let i = 0; i < 3; i++) { (await ${asked}).statusCode; await pause(200); }`,
      );
      assert.equal(all.length, 3);
      for (const [index, { readUs }] of all.entries()) {
        assert.equal(typeof readUs, 'number', JSON.stringify(all[index]));
        const next = all[index + 1]?.calledUs;
        if (next !== undefined) assert.ok(readUs! <= next!);
      }
    });

  test(`Node ${version}: a body that the program cancels is no failure`, { skip }, async () => {
    const all = await exchanges(`
      await (await fetch(at + '/big')).body.cancel();
      (await answer('/big')).destroy();
      (await answer('/big')).req.destroy();`);
    assert.deepEqual(failed(all), []);
    for (const each of all) assert.equal(typeof each.readUs, 'number', JSON.stringify(each));
  });

  test(`Node ${version}: a body that breaks off, or takes too long, is a failure`, { skip }, async () => {
    const all = await exchanges(`
      await (await fetch(at + '/broken')).text().catch(() => {});
      (await answer('/broken')).on('error', () => {}).resume();
      await pause(100);
      const late = await answer('/big');
      late.on('error', () => {}).req.on('error', () => {}).destroy(Object.assign(new Error('late'), { code: 'ETIMEDOUT' }));`);
    assert.deepEqual(failed(all).sort(), ['ETIMEDOUT', 'UND_ERR_SOCKET', 'aborted'].sort());
  });

  test(`Node ${version}: an answer is unread if others wait for its connection before the program reads it`, {
    skip,
  }, async () => {
    const [first] = await exchanges(`
      const agent = new http.Agent({ maxSockets: 1 });
      await answer('/small', { agent });
      answer('/small', { agent });
      await pause(200);`);
    assert.equal(first!.readUs, null);
    assert.equal(typeof first!.answeredUs, 'number');
  });

  test(`Node ${version}: redirects, retries and requests with credentials after a 401 belong to the request before`, {
    skip,
  }, async () => {
    const all = await exchanges(`
      const read = async (path, options) => (await fetch(at + path, options)).text();
      await read('/moved');
      await read('/busy');
      await read('/busy');
      await read('/auth');
      await read('/auth', { headers: { Authorization: 'Basic x' } });
      await read('/small');
      await read('/small');`);
    const shown = all.map(({ request, attempt, because }) => [request, attempt ?? 1, because ?? 'first']);
    assert.deepEqual(shown, [
      [1, 1, 'first'],
      [1, 2, 'redirect'],
      [3, 1, 'first'],
      [3, 2, 'retry'],
      [5, 1, 'first'],
      [5, 2, 'challenge'],
      [7, 1, 'first'],
      [8, 1, 'first'],
    ]);
    assert.deepEqual(
      all.map(({ retryAfterSeconds }) => retryAfterSeconds).filter((each) => each !== undefined),
      [7],
    );
  });
}
