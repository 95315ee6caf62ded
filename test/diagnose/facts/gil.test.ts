import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, collect, finish, noEvidence, start } from '../../../src/diagnose/index.ts';
import type { Process, TraceRecord, Unit } from '../../../src/trace/index.ts';
import { connection, environment, queued, request, SITE, stack } from '../causes/example.ts';
import { many, us } from '../example.ts';

/** 12 threads make a request each at once, compute one after the other for 200 ms, and each makes a second one. */
const requests = [
  ...many(12, (index) =>
    request(index + 1, { wanted: 0, connected: 5, read: 100 }, { thread: index, stack: 1 }),
  ),
  ...many(12, (index) => {
    const called = 100 + 200 * (index + 1);
    // The GIL makes opening a connection take long, too.
    return request(
      index + 13,
      { wanted: 0, dispatched: called, connected: called + 60, read: called + 160 },
      { thread: index, stack: 1 },
    );
  }),
];
const items: Unit[] = many(24, (index) => ({
  kind: 'unit',
  pid: 7,
  id: index + 1,
  type: 'executor-item',
  madeUs: us(0),
  begunUs: us(index < 12 ? 0 : 100 + 200 * (index - 11)),
}));
const waits = many(12, (index) =>
  queued('executor', 0, 100 + 200 * (index + 1), { thread: index, unit: index + 13 }),
);
const used = (cpuMs: number): Process => ({
  kind: 'process',
  pid: 7,
  startedUs: 0,
  cpuUs: us(cpuMs),
  argv: ['python3', '/app/report.py'],
});
const code = stack(1, `${SITE}/requests/api.py:73 get`, '/app/report.py:4 get');

function judged(...records: readonly TraceRecord[]) {
  const state = start();
  const evidence = noEvidence();
  evidence.recorders = ['syscalls', 'python'].map((name) => ({ name, version: '1', sees: ['block'] }));
  const connections = requests.map(({ id }) => connection(id));
  const all = [environment([]), code, ...connections, ...items, ...waits, ...requests, ...records];
  for (const record of all) {
    if (record.kind === 'exchange') add(state, record);
    collect(evidence, record);
  }
  return finish(state, { evidence });
}

describe('threads of Python that compute between their requests', () => {
  it('are told as the limit, and no worker, connection or lock is blamed', () => {
    const { causes, facts } = judged(used(2_400));
    assert.deepEqual(causes, []);
    assert.ok(facts.some((fact) => fact.startsWith('The CPU is the limit: the threads computed')));
  });

  it('are not guessed of a process that used little CPU', () => {
    const { causes, facts } = judged(used(200));
    assert.notEqual(causes.length, 0);
    assert.ok(!facts.some((fact) => fact.startsWith('The CPU is the limit')));
  });
});
