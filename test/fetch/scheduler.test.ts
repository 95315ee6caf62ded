import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRun } from '../../src/fetch/index.ts';
import { fetchAll, listening, outcomes, testServer, times } from './servers.ts';

const insecure = { tls: { insecure: true } };

for (const protocol of ['http/1.1', 'h2'] as const)
  test(`as many are in flight as were asked for, and never more, over ${protocol}`, async (t) => {
    const server = await testServer(t);
    const urls = times(200, () => `${server.httpsUrl}/delay/0.1`);
    const { results } = await fetchAll(urls, { concurrency: 20, protocol, ...insecure });
    assert.deepEqual(outcomes(results), { 200: 200 });
    assert.equal(server.stats().inFlight.max, 20);
    assert.ok(server.stats().inFlight.mean! > 12, `${server.stats().inFlight.mean}`);
  });

test('perOrigin holds at each origin, while others get the slots', async (t) => {
  const servers = [await testServer(t), await testServer(t), await testServer(t)];
  const urls = times(120, (i) => `${servers[i % 3]!.httpUrl}/delay/0.05`);
  const { summary } = await fetchAll(urls, { concurrency: 30, perOrigin: 4 });
  for (const server of servers) assert.equal(server.stats().inFlight.max, 4);
  assert.equal(summary.proof.inFlightMax, 12);
  assert.ok(summary.proof.givenUpMs['per-origin']! > 0);
});

/** The most requests that a server took up within any `windowMs`. */
function busiest(log: readonly { readonly startMs: number }[], windowMs: number): number {
  const starts = log.map(({ startMs }) => startMs);
  return Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + windowMs).length));
}

test('rate holds for the run, and is used', async (t) => {
  const server = await testServer(t);
  const { summary } = await fetchAll(
    times(60, () => `${server.httpUrl}/get`),
    { rate: '40/s' },
  );
  assert.ok(summary.wallMs > 1200 && summary.wallMs < 4500, `${summary.wallMs} ms for 60 at 40/s`);
  assert.ok(busiest(server.fullStats().log, 500) <= 32);
  assert.ok(summary.proof.givenUpMs.rate! > 0);
});

test('perOriginRate holds at each origin by itself', async (t) => {
  const servers = [await testServer(t), await testServer(t)];
  const urls = times(60, (i) => `${servers[i % 2]!.httpUrl}/get`);
  const { summary, results } = await fetchAll(urls, { perOriginRate: '20/s' });
  assert.deepEqual(outcomes(results), { 200: 60 });
  assert.ok(summary.wallMs > 1100 && summary.wallMs < 4500, `${summary.wallMs} ms for 30 each at 20/s`);
  for (const server of servers) assert.ok(busiest(server.fullStats().log, 500) <= 18);
  assert.ok(summary.proof.givenUpMs['per-origin-rate']! > 0);
});

test('a rate goes on when its queue was empty, and the input slow', async (t) => {
  const server = await testServer(t);
  async function* slowly() {
    for (let i = 0; i < 4; i++) {
      yield `${server.httpUrl}/get`;
      await sleep(30);
    }
  }
  for (const rate of [{ rate: '10/s' }, { perOriginRate: '10/s' }] as const)
    assert.deepEqual(outcomes((await fetchAll(slowly(), rate)).results), { 200: 4 });
});

test('work is taken origin by origin: one connection for each, where slots are fewer', async (t) => {
  const server = await testServer(t, { host: '0.0.0.0' });
  const urls = times(400, (i) => `http://127.0.0.${1 + (i % 40)}:${server.httpPort}/delay/0.01`);
  const { connections, results } = await fetchAll(urls, { concurrency: 8 });
  assert.deepEqual(outcomes(results), { 200: 400 });
  assert.ok(connections.length <= 50, `${connections.length} connections for 40 origins`);
});

test('a small origin behind a large one does not wait until that is done', async (t) => {
  const server = await testServer(t, { host: '0.0.0.0' });
  const large = times(400, () => `http://127.0.0.1:${server.httpPort}/delay/0.02`);
  const small = times(4, () => `http://127.0.0.2:${server.httpPort}/delay/0.02`);
  const { results } = await fetchAll([...large, ...small], { concurrency: 8 });
  const last = Math.max(...results.map(({ index }, place) => (index >= 400 ? place : 0)));
  assert.ok(last < 200, `the last of the small origin came as number ${last} of 404`);
});

test('no new request starts while the sink takes a result; what is in flight goes on', async (t) => {
  const server = await testServer(t);
  let taking = 0;
  let most = 0;
  const run = startRun(
    times(60, () => `${server.httpUrl}/get`),
    {
      async result() {
        most = Math.max(most, ++taking);
        if (taking < 6) await sleep(300);
      },
    },
    { concurrency: 5 },
  );
  await sleep(200);
  assert.ok(server.stats().requests <= 10, `${server.stats().requests} requests while the sink was full`);
  const summary = await run.finished;
  assert.equal(summary.requests, 60);
  assert.equal(most, 60);
});

test('a sink that fails ends the run, also while it still takes another result', async (t) => {
  const server = await testServer(t);
  const { promise: failed, resolve: fails } = Promise.withResolvers<void>();
  let count = 0;
  const sink = {
    async result() {
      if (count++ === 0) return failed;
      setTimeout(fails, 10);
      throw new Error('disk full');
    },
  };
  const urls = times(2, () => `${server.httpUrl}/get`);
  await assert.rejects(startRun(urls, sink, { concurrency: 2 }).finished, /disk full/);
});

test('a sink that fails ends the run with its error', async (t) => {
  const server = await testServer(t);
  const full = new Error('disk full');
  const sinks = [
    { result: () => Promise.reject(full) },
    {
      result: () => {
        throw full;
      },
    },
  ];
  for (const sink of sinks)
    await assert.rejects(
      startRun(
        times(500, () => `${server.httpUrl}/get`),
        sink,
        { concurrency: 4 },
      ).finished,
      full,
    );
  assert.ok(server.stats().requests < 100);
});

test('a source that fails ends the run with its error, after what it gave is done', async (t) => {
  const server = await testServer(t);
  const broken = new Error('no more rows');
  function* source() {
    yield `${server.httpUrl}/delay/0.1`;
    throw broken;
  }
  async function* later() {
    yield* source();
  }
  for (const make of [source, later]) {
    const statuses: (number | null)[] = [];
    const run = startRun(make(), { result: ({ status }) => void statuses.push(status) });
    await assert.rejects(run.finished, broken);
    assert.deepEqual(statuses, [200]);
  }
});

test('stop() finishes what is in flight and ends, also where that leads to a redirect or a retry', async (t) => {
  const server = await testServer(t);
  const paths = ['/delay/0.2', '/redirect-to?url=/delay/0.2', '/fault/503', '/fault/reset-connection'];
  let left = 0;
  function* source() {
    for (; left < 1000; left++) yield `${server.httpUrl}${paths[left % 4]}`;
  }
  const statuses: (number | null)[] = [];
  const run = startRun(source(), { result: ({ status }) => void statuses.push(status) }, { concurrency: 8 });
  await sleep(50);
  run.stop();
  const summary = await Promise.race([run.finished, sleep(5000, null)]);
  assert.ok(summary?.stopped);
  assert.ok(statuses.length > 0 && statuses.length <= 16, `${statuses.length} results`);
  assert.equal(run.progress().inFlight, 0);
});

test('origins get their turn when connections of others that never stand have taken all the room', async (t) => {
  const silent = await listening(t, createServer(), 0, '0.0.0.0');
  const server = await testServer(t, { host: '0.0.0.0' });
  // Each leaves a connect behind, all together more than there is room for beside 20 slots.
  async function* inputs() {
    yield* times(60, (i) => ({ url: `https://127.0.0.${i + 1}:${silent}`, timeout: '150ms' as const }));
    await sleep(800);
    yield* times(60, (i) => `http://127.0.0.${i + 1}:${server.httpPort}/get`);
  }
  const { results } = await fetchAll(inputs(), { concurrency: 20, connectTimeout: '2s' });
  assert.equal(outcomes(results)[200], 60);
});

test('with few file descriptors fewer are in flight, a note says so, and nothing fails', async (t) => {
  const server = await testServer(t, { host: '0.0.0.0' });
  const program = `
    import { startRun } from '${new URL('../../src/fetch/index.ts', import.meta.url)}';
    const urls = Array.from({ length: 400 }, (_, i) => 'http://127.0.0.' + (1 + i % 100) + ':${server.httpPort}/delay/0.02');
    const failed = [];
    const run = startRun(urls, { result: ({ error }) => void (error && failed.push(error.code + error.message)) }, { concurrency: 200 });
    const { requests, notes } = await run.finished;
    console.log(JSON.stringify({ requests, notes, failed }));`;
  const child = spawn(
    'bash',
    ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, program],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const { requests, notes, failed } = JSON.parse(await text(child.stdout));
  assert.deepEqual(failed, []);
  assert.equal(requests, 400);
  assert.equal(notes.length, 1, notes.join('\n'));
  assert.match(notes[0], /200 in flight would need more open files.*ulimit -n/);
  assert.ok(server.stats().inFlight.max >= 10 && server.stats().inFlight.max <= 64);
});

test('descriptors that run out under way are one note, and blame no origin', async (t) => {
  const server = await testServer(t);
  // Others take what the run had counted on: ten are left for twenty connections, later none at all.
  const program = `
    import { closeSync, openSync } from 'node:fs';
    import { startRun } from '${new URL('../../src/fetch/index.ts', import.meta.url)}';
    const fetchAll = async (url) => {
      const codes = {};
      const sink = { result: ({ error, status }) => void (codes[error?.code ?? status] = (codes[error?.code ?? status] ?? 0) + 1) };
      const run = startRun(Array(40).fill(url), sink, { concurrency: 20, retries: 1, protocol: 'http/1.1' });
      await hold();
      return { codes, notes: (await run.finished).notes };
    };
    const held = [];
    let left = 10;
    const hold = () => {
      try { for (;;) held.push(openSync('/dev/null')); } catch {}
      for (let i = 0; i < left; i++) closeSync(held.pop());
    };
    const some = await fetchAll('${server.httpUrl}/delay/0.05');
    left = 0;
    for (const fd of held.splice(0)) closeSync(fd);
    console.log(JSON.stringify([some, await fetchAll('${server.httpUrl}/delay/0.05')]));`;
  const child = spawn(
    'bash',
    ['-c', 'ulimit -n 256; exec "$0" --input-type=module -e "$1"', process.execPath, program],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [some, none] = JSON.parse(await text(child.stdout));
  assert.deepEqual(some.codes, { 200: 40 });
  assert.equal(some.notes.length, 1, some.notes.join('\n'));
  assert.match(some.notes[0], /fewer in flight than asked; raise it with ulimit -n/);
  assert.deepEqual(none.codes, { 'connect-failed': 40 });
});

test('a host that never answers does not get all slots, though others come late', async (t) => {
  const silent = await listening(
    t,
    createServer((socket) => void socket.on('error', () => {})),
  );
  const server = await testServer(t);
  async function* slowly() {
    for (let i = 0; i < 40; i++) {
      yield `${server.httpUrl}/get?${i}`;
      yield `http://127.0.0.1:${silent}/${i}`;
      await sleep(5);
    }
  }
  const order: number[] = [];
  const leave = new AbortController();
  const result = ({ index }: { index: number }) => {
    order.push(index % 2);
    if (order.length === 40) leave.abort(); // the other host would keep the run for as long as it may
  };
  const options = { concurrency: 10, firstByteTimeout: '30s', retries: 0, signal: leave.signal } as const;
  await startRun(slowly(), { result }, options).finished;
  assert.deepEqual(
    order.slice(0, 40),
    times(40, () => 0),
    'all that were answered came before the first that was not',
  );
});

test('a host that answers is not kept at half of the slots by others that want nothing any more', async (t) => {
  const server = await testServer(t);
  const other = await testServer(t);
  const urls = [`${other.httpUrl}/get`, ...times(60, (i) => `${server.httpUrl}/delay/0.3?${i}`)];
  await fetchAll(urls, { concurrency: 20 });
  assert.ok(server.stats().inFlight.max > 15, `${server.stats().inFlight.max} at most`);
});

for (const options of [{ rate: '0.0001/h' }, { perOriginRate: '0.0001/h' }] as const)
  test(`a rate slower than a timer can be set does not fire at once: ${JSON.stringify(options)}`, async (t) => {
    const server = await testServer(t);
    const leave = new AbortController();
    const urls = times(5, (i) => `${server.httpUrl}/get?${i}`);
    const run = startRun(urls, { result() {} }, { ...options, signal: leave.signal });
    await sleep(400);
    assert.equal(run.progress().done, 1);
    leave.abort();
    await run.finished;
    assert.equal(server.stats().requests, 1);
  });
