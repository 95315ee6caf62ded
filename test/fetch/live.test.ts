import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Input, startRun } from '../../src/fetch/index.ts';
import { fetchAll, testServer } from './servers.ts';

test('a result may ask for the next page, which goes before what waits and says why', async (t) => {
  const server = await testServer(t, { httpsPort: false });
  const url = (row: number, page: number) => `${server.httpUrl}/get?row=${row}&page=${page}`;
  const inputs = Array.from({ length: 6 }, (_, row) => ({ url: url(row, 1), data: { row, page: 1 } }));
  const { results, exchanges, summary } = await fetchAll<{ row: number; page: number }>(inputs, {
    concurrency: 2,
    next: ({ data }) => {
      const { row, page } = data!;
      return page === 3 ? null : { url: url(row, page + 1), data: { row, page: page + 1 } };
    },
  });
  assert.equal(summary.requests, 18);
  assert.equal(new Set(results.map(({ index }) => index)).size, 18);
  assert.deepEqual(
    exchanges.map(({ because }) => because).filter((because) => because === 'page').length,
    12,
  );
  // Rows that were begun are finished first: the last row begins after the first has ended.
  const order = results.map(({ data }) => `${data!.row}.${data!.page}`);
  assert.ok(order.indexOf('0.3') < order.indexOf('5.1'), order.join(' '));
  for (const { because, wantedUs, request } of exchanges) {
    if (because !== 'page') continue;
    const before = exchanges.find(({ readUs }) => readUs === wantedUs);
    assert.ok(before !== undefined && before.request !== request, 'asked for when an answer was read');
  }
});

test('limits by host hold at the hosts of their pattern, the first that matches', async (t) => {
  const server = await testServer(t, { httpsPort: false, host: '0.0.0.0' });
  const port = new URL(server.httpUrl!).port;
  const inputs = ['127.0.0.1', '127.0.0.2'].flatMap((host) =>
    Array.from({ length: 20 }, (_, i) => `http://${host}:${port}/delay/0.05?${i}`),
  );
  const { exchanges } = await fetchAll(inputs, {
    concurrency: 40,
    perOrigin: [
      ['127.0.0.2', 3],
      ['*', 10],
    ],
  });
  assert.equal(mostAtOnce(exchanges.filter(({ origin }) => origin.includes('127.0.0.2'))), 3);
  assert.equal(mostAtOnce(exchanges.filter(({ origin }) => origin.includes('127.0.0.1'))), 10);
});

test('limits can be changed while a run is under way, to nothing and back', async (t) => {
  const server = await testServer(t, { httpsPort: false });
  let most = 0;
  const run = startRun(
    Array.from({ length: 60 }, (_, i) => `${server.httpUrl}/delay/0.03?${i}`),
    { result() {} },
    { concurrency: 20 },
  );
  run.limit({ concurrency: 0 });
  await sleep(100);
  assert.equal(run.progress().done, 0);
  run.limit({ concurrency: 4 });
  const watch = setInterval(() => {
    most = Math.max(most, run.progress().inFlight);
  }, 2);
  while (run.progress().done < 12) await sleep(5);
  assert.ok(most <= 4, `${most}`);
  run.limit({ concurrency: 20 });
  await run.finished;
  clearInterval(watch);
  assert.ok(most > 8, `${most}`);
});

test('headers that are credentials stay with their origin when a redirect leads to another', async (t) => {
  const seen: Record<string, unknown>[] = [];
  const listen = async (answer: (headers: Record<string, unknown>) => string | null) => {
    const server = createServer((request, response) => {
      seen.push(request.headers);
      const location = answer(request.headers);
      response.writeHead(location === null ? 200 : 302, location === null ? {} : { location }).end();
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((ready) => server.once('listening', ready));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  const other = await listen(() => null);
  const home = await listen(() => other);
  const input: Input = { url: home, headers: { 'x-key': 'k', 'x-plain': 'p' }, credentials: ['x-key'] };
  await fetchAll([input]);
  assert.deepEqual(
    seen.map((headers) => [headers['x-key'], headers['x-plain']]),
    [
      ['k', 'p'],
      [undefined, 'p'],
    ],
  );
});

function mostAtOnce(exchanges: readonly { sentUs?: number | null; readUs?: number | null }[]): number {
  const events = exchanges
    .flatMap(({ sentUs, readUs }) => [[sentUs!, 1] as const, [readUs!, -1] as const])
    .sort(([one, up], [other, down]) => one - other || up - down);
  let now = 0;
  let most = 0;
  for (const [, step] of events) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}
