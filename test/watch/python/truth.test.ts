import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { interpreter, interpreters } from './interpreters.ts';
import { all, program, type Watched, watch } from './program.ts';
import { inOrder, level, peak } from './steps.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());
beforeEach(() => server.resetStats());

const found = interpreters();
const python3 = interpreter('3.12');
const python3Path = 'path' in python3 ? python3.path : '';
const needsPython3 = 'skip' in python3 ? { skip: python3.skip } : {};

/** Every request that the server saw is in the trace once, with its connection. */
function sameAsServer(watched: Watched): void {
  const truth = server.fullStats();
  const exchanges = all(watched, 'exchange');
  assert.equal(exchanges.length, truth.requests);
  assert.equal(all(watched, 'connection').length, new Set(truth.log.map((one) => one.remotePort)).size);
  exchanges.forEach(inOrder);
  assert.deepEqual(portsOf(watched), truth.log.map((one) => one.remotePort).sort());
}

/** A probe writes what a thread waits for after it has waited for a while. */
const WAIT_SEEN_MS = 1_500;

async function untilInFlight(count: number): Promise<void> {
  while (server.stats().inFlight.now < count) await sleep(20);
}

function portsOf(watched: Watched): number[] {
  const connections = new Map(all(watched, 'connection').map((one) => [one.id, one.local!]));
  return all(watched, 'exchange')
    .map((one) => Number(connections.get(one.connection!)!.split(':').at(-1)))
    .sort();
}

test('a Python is found to test with', { skip: found.length === 0 && 'pyenv install 3.12' }, () => {
  assert.ok(found.length > 0);
});

for (const { version, path } of found) {
  test(`Python ${version}: threads that overlap are recorded as the server saw them`, async () => {
    const env = { URL: `${server.httpUrl}/together/8`, N: '8' };
    const watched = await watch([path, program('threads')], { env });
    assert.equal(watched.stdout, '8 of 8\n', watched.stderr);
    sameAsServer(watched);
    assert.equal(server.stats().inFlight.max, 8);
    assert.equal(peak(all(watched, 'exchange')), 8);
    assert.deepEqual(
      all(watched, 'exchange').map((one) => one.status),
      Array(8).fill(200),
    );
  });

  test(`Python ${version}: requests one after another share a connection and never overlap`, async () => {
    const env = { HOST: server.httpUrl!.slice(7), TARGET: '/delay/0.05', N: '4' };
    const watched = await watch([path, program('one_by_one')], { env });
    assert.equal(watched.stdout, '4 of 4\n', watched.stderr);
    sameAsServer(watched);
    assert.equal(peak(all(watched, 'exchange'), 'wantedUs'), 1);
    assert.deepEqual(
      all(watched, 'exchange').map((one) => one.ordinal),
      [0, 1, 2, 3],
    );
  });

  test(`Python ${version}: the trace begins with run, ends with end, and lost nothing`, async () => {
    const watched = await watch([path, '-c', 'print(1)']);
    const [records] = watched.traces;
    assert.equal(records!.at(0)!.kind, 'run');
    const end = records!.at(-1)!;
    assert.ok(end.kind === 'end');
    assert.deepEqual(end.lost, {});
    const [environment] = all(watched, 'environment');
    assert.ok(environment!.version.startsWith(`${version}.`), environment!.version);
  });

  test(`Python ${version}: a lock around each request shows in what the threads wait for`, async () => {
    const env = { URL: `${server.httpUrl}/delay/0.15`, N: '5' };
    const watched = await watch([path, program('lock')], { env });
    const exchanges = all(watched, 'exchange');
    assert.equal(peak(exchanges), 1);
    assert.ok(level(exchanges, 'wantedUs') > 2 * level(exchanges, 'sentUs'), 'they were asked at once');
    const stacks = new Map(all(watched, 'stack').map((stack) => [stack.id, stack.frames]));
    const waits = all(watched, 'block').filter((block) => {
      const leaf = block.stack === undefined ? undefined : stacks.get(block.stack)?.[0];
      return leaf?.file.endsWith('lock.py') && leaf.line === 15;
    });
    assert.ok(
      waits.reduce((sum, one) => sum + one.toUs - one.fromUs, 0) > 600_000,
      'the last waits four answers long, the others three, two and one',
    );
  });

  test(`Python ${version}: children of fork that leave by os._exit have traces of their own`, async () => {
    const watched = await watch([path, program('fork')], { env: { URL: `${server.httpUrl}/get` } });
    assert.equal(all(watched, 'exchange').length, 7, watched.stderr);
    assert.deepEqual(
      watched.traces.map((records) => records.filter((one) => one.kind === 'exchange').length),
      [1, 3, 3],
    );
    for (const records of watched.traces) assert.equal(records.at(-1)!.kind, 'end');
  });
}

test(
  'an executor of two is a limit, with the line that made it and the wait in its queue',
  needsPython3,
  async () => {
    const env = { URL: `${server.httpUrl}/delay/0.1`, N: '6', WORKERS: '2' };
    const watched = await watch([python3Path, program('executor')], { env });
    sameAsServer(watched);
    const exchanges = all(watched, 'exchange');
    assert.equal(peak(exchanges), 2);
    assert.equal(peak(exchanges, 'wantedUs'), 6);
    const limit = all(watched, 'environment')
      .at(-1)!
      .limits!.find((one) => one.of.startsWith('ThreadPoolExecutor'));
    assert.equal(limit?.size, 2);
    assert.match(limit.setAt!, /executor\.py:14$/);
    const queued = all(watched, 'block').filter((one) => one.wait.kind === 'executor');
    assert.ok(queued.length >= 4, `${queued.length} waited for a worker`); // on a busy machine the first two, too
  },
);

test('a program killed while it waits leaves what it waited for', needsPython3, async () => {
  const env = { URL: `${server.httpUrl}/delay/9`, N: '2' };
  const kill = async (pid: number) => {
    await untilInFlight(2);
    await sleep(WAIT_SEEN_MS);
    process.kill(pid, 'SIGKILL');
  };
  const watched = await watch([python3Path, program('threads')], { env, started: kill });
  assert.equal(watched.signal, 'SIGKILL');
  const exchanges = all(watched, 'exchange');
  assert.deepEqual(
    exchanges.map((one) => [typeof one.sentUs, one.answeredUs]),
    [
      ['number', null],
      ['number', null],
    ],
  );
  const waits = all(watched, 'block').filter((block) => block.wait.kind === 'read');
  assert.deepEqual(
    waits.flatMap((block) => block.wait.connections).sort(),
    exchanges.map((one) => one.connection).sort(),
  );
});

test('workers that a pool ends by a signal lose no exchange', needsPython3, async () => {
  const watched = await watch([python3Path, program('pool')], {
    env: { URL: `${server.httpUrl}/get`, N: '12' },
  });
  assert.equal(watched.stdout, '12\n', watched.stderr);
  assert.equal(all(watched, 'exchange').length, 12);
});

test('a program interrupted while it waits says what was still open', needsPython3, async () => {
  const env = { URL: `${server.httpUrl}/delay/9`, N: '2' };
  const stop = async (pid: number) => {
    await untilInFlight(2);
    process.kill(pid, 'SIGINT'); // Python joins its threads, and a second one ends that
    await sleep(500);
    process.kill(pid, 'SIGINT');
  };
  const watched = await watch([python3Path, program('threads')], { env, started: stop });
  const exchanges = all(watched, 'exchange');
  assert.equal(exchanges.length, 2);
  for (const one of exchanges) {
    assert.equal(typeof one.sentUs, 'number');
    assert.equal(one.answeredUs, null);
    assert.equal(one.readUs, null);
  }
});

test(
  'the limit of an installed tool is set by its package, and not by the script that starts it',
  needsPython3,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'abreast-tool-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const packages = join(folder, 'lib', 'site-packages');
    mkdirSync(join(packages, 'tool'), { recursive: true });
    mkdirSync(join(folder, 'bin'));
    cpSync(program('executor'), join(packages, 'tool', '__init__.py'));
    writeFileSync(
      join(folder, 'bin', 'tool'),
      `import sys\nsys.path.insert(0, '${packages}')\nimport tool\n`,
    );
    const env = { URL: `${server.httpUrl}/get`, N: '4', WORKERS: '2' };
    const watched = await watch([python3Path, join(folder, 'bin', 'tool')], { env });
    const { limits } = all(watched, 'environment').at(-1)!;
    assert.match(limits!.find(({ of }) => of.startsWith('ThreadPool'))!.setAt!, /tool\/__init__\.py:14$/);
  },
);
