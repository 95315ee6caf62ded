import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { plansFor } from '../../src/compare/index.ts';
import { judgeTrace } from '../../src/diagnose/index.ts';

const CASES = join(import.meta.dirname, '..', 'traces', 'cases');

/** The changes that are tried for a program, in their order. The list is empty if no change from outside can help. */
const PLANNED: Readonly<Record<string, readonly string[]>> = {
  'py27-grequests-pyopenssl': ['no-pyopenssl', 'patch-select', 'patch-first gevent'],
  'py312-gevent-late-patch-https': ['patch-first gevent'],
  'py36-eventlet-https': ['patch-first eventlet'],
  'py-aiohttp-limit-per-host': ['raise aiohttp connector limit_per_host 2 /app/slow.py:17 20'],
  'py-httpx-default-limit': ['raise httpcore pool max_connections 100 /app/slow.py:11 300'],
  'node-agent-maxsockets': ['raise http.Agent maxSockets 1 /app/slow.cjs:3 20'],
  'py-requests-futures-default': ['raise ThreadPoolExecutor max_workers 8 /app/slow.py:9 40'],
  'py-to-thread-default-executor': ['raise asyncio default executor max_workers 6 /app/slow.py:16 20'],
  'py-treq-deferred-semaphore': ['raise twisted DeferredSemaphore 2 /app/slow.py:9 20'],
  'py-threads-semaphore': ['raise threading.Semaphore 2 /app/semaphore.py:5 16'],
  'node-dns-threadpool': ['variable UV_THREADPOOL_SIZE 40'],
  'py312-gevent-resolver-block': ['variable GEVENT_RESOLVER thread'],
  'node-https-no-keepalive': ['keep-alive'],
  'go-no-keepalive': [],
  'py-aiohttp-unread-body': [],
  'node-sequential-await': [],
  'py-async-blocking-requests': [],
  'neg-slow-server.control': [],
};

describe('what `watch --try` tries for a program', () => {
  for (const [name, changes] of Object.entries(PLANNED)) {
    it(`${name}: ${changes.join(', ') || 'nothing'}`, async () => {
      const file = name.includes('.') ? name : `${name}.slow`;
      const { verdict } = await judgeTrace(join(CASES, `${file}.jsonl.zst`));
      const planned = plansFor(verdict);
      assert.deepEqual(
        planned.map((plan) => plan.changes[0]!.join(' ')),
        changes,
      );
      for (const { changes, load } of planned)
        if (changes[0]![0] === 'raise') assert.match(load!, /^Up to \d+ requests at once go to .*, instead/);
    });
  }

  it('sets the variable of a program that it tells the probes to look for', async () => {
    const { verdict } = await judgeTrace(join(CASES, 'node-dns-threadpool.slow.jsonl.zst'));
    assert.deepEqual(plansFor(verdict)[0]!.variables, { UV_THREADPOOL_SIZE: '40' });
  });
});
