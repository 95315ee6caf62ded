import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { temporaryFolder } from '../folder.ts';
import { environment } from '../watch/python/environments.ts';

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
