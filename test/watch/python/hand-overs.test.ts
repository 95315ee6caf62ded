import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { environment } from './environments.ts';
import { interpreter, interpreters } from './interpreters.ts';
import { all, program, type Watched, watch } from './program.ts';
import { peak } from './steps.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

const python3 = interpreter();
const needsPython3 = 'skip' in python3 ? { skip: python3.skip } : {};
const found = environment('py312');
const needsLibraries = 'skip' in found ? { skip: found.skip } : {};

for (const { version, path } of interpreters()) {
  test(`Python ${version}: what waits in a queue for two workers is wanted, and waits for the queue`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.2`, N: '6' };
    const watched = await watch([path, program('queue_workers')], { env });
    assertWantedAtOnce(watched, 6);
    const queue = resourceOf(watched, 'queue');
    const queued = all(watched, 'block').filter(({ wait }) => wait.kind === 'queue');
    assert.ok(queued.length >= 4, `${queued.length} waited`);
    for (const { wait, unit } of queued) {
      assert.equal(wait.resource, queue.id);
      assert.equal(typeof unit, 'number');
    }
  });
  test(`Python ${version}: an item that lies where another one lay is taken for no token of a pool`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.01` };
    const watched = await watch([path, program('crawl')], { env });
    const types = new Map(all(watched, 'unit').map(({ id, type }) => [id, type]));
    const units = all(watched, 'exchange').map(({ unit }) => types.get(unit!));
    assert.deepEqual(units, Array(15).fill('queue-item'), JSON.stringify(all(watched, 'note')));
  });

  if (version === '2.7') continue; // its semaphores are no classes

  test(`Python ${version}: what waits for a permit before it is made is wanted, and lacks the semaphore`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.2`, N: '6' };
    const watched = await watch([path, program('permits')], { env });
    assertWantedAtOnce(watched, 6);
    const semaphore = resourceOf(watched, 'semaphore');
    assert.equal(semaphore.capacity, 2);
    const frames = all(watched, 'stack').find(({ id }) => id === semaphore.setAt)!.frames;
    assert.equal(frames.find(({ file }) => file.endsWith('permits.py'))?.line, 11);
    const lacking = all(watched, 'block').filter(
      ({ wait, unit }) => wait.resource === semaphore.id && unit !== undefined,
    );
    assert.ok(lacking.length >= 4, `${lacking.length} lacked a permit`);
  });

  test(`Python ${version}: each hand-over is a unit, with its begin and its end`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.05`, N: '6' };
    const watched = await watch([path, program('queue_workers')], { env });
    const items = all(watched, 'unit').filter(({ type }) => type === 'queue-item');
    assert.ok(items.length >= 6);
    for (const { madeUs, begunUs, endedUs } of items) {
      assert.ok(madeUs! <= begunUs!);
      assert.ok(begunUs! <= endedUs!);
    }
  });

  test(`Python ${version}: requests by hand over sockets are seen, with the unit that makes them`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.2` };
    const watched = await watch([path, program('raw_sockets')], { env });
    const exchanges = all(watched, 'exchange').sort((one, other) => one.id - other.id);
    assert.equal(exchanges.length, 6, JSON.stringify(all(watched, 'note')));
    for (const { status, error, readUs, answeredUs } of exchanges) {
      assert.equal(status, 200);
      assert.equal(error, null);
      assert.ok(answeredUs! <= readUs!);
    }
    assert.equal(peak(exchanges.slice(0, 3)), 3);
    assert.equal(peak(exchanges.slice(3)), 1);
    assert.equal(peak(exchanges.slice(3), 'wantedUs'), 3);
  });

  test(`Python ${version}: an interim answer hides none, and a socket of the program's own class encrypts nothing`, async () => {
    const watched = await watch([path, program('raw_answers')]);
    const [exchange, ...others] = all(watched, 'exchange');
    assert.deepEqual([exchange?.status, exchange?.error, others.length], [200, null, 0]);
    assert.equal(exchange!.url, 'http://example.com/hints');
  });

  test(`Python ${version}: a program in a folder that is named like a library uses its queues for work`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'abreast-'));
    t.after(() => rm(folder, { recursive: true }));
    await mkdir(join(folder, 'logging'));
    await copyFile(program('queue_workers'), join(folder, 'logging', 'main.py'));
    const env = { URL: `${server.httpUrl}/delay/0.01`, N: '2' };
    const watched = await watch([path, join(folder, 'logging', 'main.py')], { env });
    assert.ok(all(watched, 'unit').some(({ type }) => type === 'queue-item'));
  });
}

test('classes of gevent are related as without the probe, and a greenlet that found a queue empty waits for it no longer', {
  ...needsLibraries,
}, async () => {
  const command = ['path' in found ? found.path : '', program('gevent_queues')];
  const env = { URL: `${server.httpUrl}/get` };
  const watched = await watch(command, { env });
  assert.equal(watched.stdout, (await watch(command, { env, probe: false })).stdout, watched.stderr);
  const waits = all(watched, 'block').filter(
    ({ unit }) => unit !== undefined && unit === all(watched, 'exchange').at(-1)!.unit,
  );
  const last = waits.toSorted((one, other) => one.fromUs - other.fromUs).at(-1);
  assert.equal(last?.wait.resource, undefined, JSON.stringify(waits));
  assert.ok(waits.length > 0);
});

for (const what of ['anyio', 'gevent', 'grequests'])
  test(
    `${what}: what waits for a place before it has called anything is wanted`,
    needsLibraries,
    async () => {
      const env = { URL: `${server.httpUrl}/delay/0.2` };
      const path = 'path' in found ? found.path : '';
      const watched = await watch([path, program('waits_before_calls'), what], { env });
      assert.equal(watched.exitCode, 0, watched.stderr);
      assertWantedAtOnce(watched, 6);
    },
  );

for (const kind of ['Pool', 'ProcessPoolExecutor'])
  for (const start of ['fork', 'spawn', 'forkserver'])
    test(`${kind}, ${start}: what waits for a worker process is wanted`, needsPython3, async () => {
      const env = { URL: `${server.httpUrl}/delay/0.4` };
      const path = 'path' in python3 ? python3.path : '';
      const watched = await watch([path, program('process_pools'), kind, start], { env });
      assertWantedAtOnce(watched, 6);
      assertEachIsAnItem(watched);
    });

test('workers of a Pool that are killed when all results are there lose no item', needsPython3, async () => {
  const env = { URL: `${server.httpUrl}/get` };
  const watched = await watch(['path' in python3 ? python3.path : '', program('killed_workers')], { env });
  assert.equal(all(watched, 'exchange').length, 2);
  assertEachIsAnItem(watched);
});

test('the last wait of a thread that joins others is not lost', needsPython3, async () => {
  const env = { URL: `${server.httpUrl}/delay/0.5`, N: '2' };
  const watched = await watch(['path' in python3 ? python3.path : '', program('threads')], { env });
  const [main] = all(watched, 'process');
  const joins = all(watched, 'block').filter(({ thread }) => thread === main!.pid);
  assert.ok(joins.some(({ fromUs, toUs }) => toUs - fromUs > 200_000));
});

function assertWantedAtOnce(watched: Watched, count: number): void {
  const exchanges = all(watched, 'exchange');
  assert.equal(exchanges.length, count, JSON.stringify(all(watched, 'note')));
  assert.equal(peak(exchanges), 2);
  assert.ok(peak(exchanges, 'wantedUs') >= count - 1);
}

function assertEachIsAnItem(watched: Watched): void {
  const units = all(watched, 'unit');
  const items = units.filter(({ type }) => type === 'executor-item').map(({ id }) => id);
  const exchanges = all(watched, 'exchange');
  assert.ok(
    exchanges.every(({ unit }) => items.includes(unit!)),
    JSON.stringify({ units, exchanges }),
  );
}

function resourceOf(watched: Watched, type: string) {
  const resources = all(watched, 'resource').filter((resource) => resource.type === type);
  assert.equal(resources.length, 1, JSON.stringify(all(watched, 'resource')));
  return resources[0]!;
}
