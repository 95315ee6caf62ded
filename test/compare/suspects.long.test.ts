import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { environment } from '../watch/python/environments.ts';
import { layGarden } from './planted.ts';

const skip =
  spawnSync('python3', ['-c', 'import importlib.metadata']).status === 0
    ? false
    : 'no python3 of 3.8 or newer is here';
const PROGRAM = join(import.meta.dirname, '..', '..', 'lab', 'grequests', 'program.py');

/** Both have grequests beside pyOpenSSL, as stage 2 of the talk has; all of these are suspected, pyOpenSSL is to blame. */
for (const [name, version] of [
  ['py27', '19.0.0'],
  ['py38', '19.1.0'],
] as const) {
  test(`in one environment (${name}) --suspects proves that pyOpenSSL makes grequests slow`, async (t) => {
    const made = environment(name);
    if ('skip' in made) return t.skip(made.skip);
    const server = await startServer();
    t.after(() => server.close());
    const { code, out, err } = await abreast(
      [
        'compare',
        '--no-syscalls',
        '--suspects',
        '--json',
        '--',
        made.path,
        PROGRAM,
        'grequests',
        '5',
        `${server.httpsUrl}/delay/0.5`,
      ],
      { env: { XDG_CACHE_HOME: join(temporaryFolder(t), 'cache') } },
    );
    assert.equal(code, 0, err);
    const { set, runs, proofs } = JSON.parse(out);
    assert.deepEqual(
      set.map(({ text }: { text: string }) => text),
      [`pyOpenSSL ${version}`],
    );
    assert.ok(runs.length <= 6, err);
    assert.deepEqual([proofs.without.length, proofs.with.length], [2, 2]);
    const isSlow = (number: number) => runs[number - 1].overlap !== 'concurrent';
    assert.ok(proofs.with.every(isSlow) && !proofs.without.some(isSlow), err);
  });
}

/** Takes the gate of `polite`, if that is installed: then one request goes at a time. */
const GATED = `
import http.client, sys, threading
try:
    from polite import gate
except ImportError:
    gate = threading.Semaphore(6)

def get(number):
    with gate:
        connection = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
        connection.request('GET', '/delay/0.15?n=%d' % number)
        connection.getresponse().read()

threads = [threading.Thread(target=get, args=(number,)) for number in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

test('a package of Python whose line sets the limit that the verdict names is the first suspect', {
  skip,
}, async (t) => {
  const folder = temporaryFolder(t);
  const plants = [
    { name: 'polite', way: 'optional', culprit: false },
    { name: 'uvloop', way: 'optional', culprit: false },
  ] as const;
  const { slow, program } = layGarden(folder, { threshold: 1, plants });
  const [site] = readdirSync(join(slow, 'lib'));
  lay(join(slow, 'lib', site!, 'site-packages'), {
    'polite/__init__.py': 'import threading\ngate = threading.Semaphore(1)\n',
  });
  lay(folder, { 'program.py': GATED });
  const server = await startServer();
  t.after(() => server.close());
  const { code, out, err } = await abreast(
    [
      'compare',
      '--no-syscalls',
      '--suspects',
      '--json',
      slow,
      '--',
      'python',
      program,
      String(server.httpPort),
    ],
    { env: { XDG_CACHE_HOME: join(folder, 'cache') } },
  );
  assert.equal(code, 0, err);
  const { set, runs } = JSON.parse(out);
  assert.deepEqual([set.map(({ text }: { text: string }) => text), runs.length], [['polite 2.0'], 4]);
});
