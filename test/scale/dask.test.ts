import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../src/testserver/index.ts';
import { parsed } from '../e2e/abreast.ts';
import { temporaryFolder } from '../folder.ts';
import { freePort } from '../servers/index.ts';
import { environment } from '../watch/python/environments.ts';

const python = environment('scale312');
const here = (path: string) => new URL(path, import.meta.url).pathname;
const ABREAST = `${process.execPath} ${here('../../bin/abreast')}`;
const CHUNKS = 6;
const CHUNK = 100;

test('under Dask no result is lost and none comes twice when a worker is killed', {
  skip: 'skip' in python && python.skip,
}, async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const folder = temporaryFolder(t);
  const scheduler = `tcp://127.0.0.1:${await freePort()}`;
  const port = scheduler.split(':').at(-1)!;
  begin(t, folder, [
    '-m',
    'distributed.cli.dask_scheduler',
    '--host',
    '127.0.0.1',
    '--port',
    port,
    '--no-dashboard',
  ]);
  const workers = [1, 2].map(() =>
    begin(t, folder, [
      '-m',
      'distributed.cli.dask_worker',
      scheduler,
      '--nthreads',
      '1',
      '--no-nanny',
      '--no-dashboard',
    ]),
  );
  const urls = Array.from({ length: CHUNKS * CHUNK }, (_, at) => `${server.httpUrl}/delay/0.3?row=${at}`);
  const client = begin(t, folder, [here('../../examples/scale/dask_get.py'), scheduler]);
  client.stdin!.end(urls.join('\n'));
  const out = text(client.stdout!);
  const err = text(client.stderr!);

  // Each worker has at most 20 in flight: of these, both have some.
  while (client.exitCode === null && server.stats().inFlight.now <= 20) await sleep(20);
  workers[0]!.kill('SIGKILL');

  if (client.exitCode === null) await once(client, 'exit');
  assert.equal(client.exitCode, 0, await err);
  const results = parsed(await out);
  assert.deepEqual(results.map(({ url }) => url).sort(), urls.sort());
  assert.deepEqual(new Set(results.map(({ status }) => status)), new Set([200]));
  assert.ok(server.stats().requests > urls.length, 'the killed worker had nothing in hand');
});

function begin(t: TestContext, folder: string, args: readonly string[]): ChildProcess {
  const child = spawn((python as { path: string }).path, args, {
    cwd: folder,
    env: { ...process.env, ABREAST, CHUNK: `${CHUNK}`, ABREAST_OPTIONS: '-c 20' },
  });
  t.after(() => child.kill('SIGKILL'));
  if (!args[0]!.endsWith('dask_get.py')) for (const stream of [child.stdout, child.stderr]) stream.resume();
  return child;
}
