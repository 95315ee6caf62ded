import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readTrace, type TraceReader, type TraceRecord } from '../../../src/trace/index.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-v1-'));
});
after(() => rm(folder, { recursive: true }));

const RUN = {
  kind: 'run',
  version: 1,
  startedUs: 0,
  command: ['python', 'report.py'],
  recorders: [{ name: 'python', version: '1', sees: ['exchange', 'askedUs', 'task'] }],
  asked: 20,
};

async function lifted(...lines: readonly object[]): Promise<{ trace: TraceReader; records: TraceRecord[] }> {
  const path = join(folder, 't.jsonl');
  await writeFile(path, [RUN, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
  const trace = await readTrace(path);
  const records: TraceRecord[] = [];
  for await (const batch of trace) records.push(...batch);
  return { trace, records };
}

async function environment(given: object) {
  const line = { kind: 'environment', pid: 7, language: 'python', version: '3.7.9', ...given };
  const [record] = (await lifted(line)).records;
  assert.equal(record?.kind, 'environment');
  return record;
}

test('what was asked in version 1 is wanted today', async () => {
  const exchange = { kind: 'exchange', id: 1, origin: 'https://h', askedUs: 5, estimated: ['askedUs'] };
  const { trace, records } = await lifted(exchange);
  assert.equal(trace.run.version, 2);
  assert.equal(trace.run.wanted, 20);
  assert.deepEqual(trace.run.recorders[0]?.sees, ['exchange', 'wantedUs', 'unit']);
  assert.deepEqual(records, [
    { kind: 'exchange', id: 1, origin: 'https://h', wantedUs: 5, estimated: ['wantedUs'] },
  ]);
});

test('a unit of work has one record and one id, though two processes give it the same name', async () => {
  const exchange = { kind: 'exchange', origin: 'https://h', task: 'executor item 1' };
  const { records } = await lifted(
    { ...exchange, id: 1, pid: 7 },
    { ...exchange, id: 2, pid: 8 },
    { ...exchange, id: 3, pid: 7 },
  );
  const seen = records.map((record) => [
    record.kind,
    'unit' in record ? record.unit : 'id' in record && record.id,
  ]);
  assert.deepEqual(seen, [
    ['unit', 0],
    ['exchange', 0],
    ['unit', 1],
    ['exchange', 1],
    ['exchange', 0],
  ]);
  assert.deepEqual(records[0], { kind: 'unit', id: 0, pid: 7, type: 'executor-item' });
});

test('the text of a wait becomes its kind and its call', async () => {
  const block = { kind: 'block', pid: 7, thread: 7, fromUs: 0, toUs: 9 };
  const { records } = await lifted(
    { ...block, in: 'epoll_wait', connections: [1, 2], descriptors: 3 },
    { ...block, in: 'executor item queue' },
    { ...block, in: 'greenlet queue' },
    { ...block, in: 'child process' },
    { ...block, in: 'await' },
  );
  assert.deepEqual(
    records.map((record) => record.kind === 'block' && record.wait),
    [
      { kind: 'poll', call: 'epoll_wait', connections: [1, 2], descriptors: 3 },
      { kind: 'executor', call: 'executor item' },
      { kind: 'queue', call: 'greenlet' },
      { kind: 'child', call: 'child process' },
      { kind: 'other', call: 'await' },
    ],
  );
});

test('the sentence of a patch becomes who, which version, where, and what was left', async () => {
  const { patches } = await environment({
    patches: [
      {
        target: 'select',
        by: 'gevent 1.2.2, imported at /site-packages/grequests.py:15: not patched',
        left: ['select.select'],
      },
      {
        target: 'ssl',
        by: 'gevent 26.9.0, imported at /app/slow.py:5',
        left: ['urllib3.util.ssl_.SSLContext'],
      },
      { target: 'socket.getaddrinfo', by: 'gevent.resolver.thread.Resolver' },
    ],
    overrides: [
      {
        target: 'urllib3.connection.ssl_wrap_socket',
        by: 'urllib3.contrib.pyopenssl.ssl_wrap_socket, pyOpenSSL 19.1.0, injected at /requests/__init__.py:54',
      },
      { target: 'OpenSSL.SSL.Connection', by: 'gevent_openssl 1.2', left: ['OpenSSL.SSL.Connection.recv'] },
    ],
  });
  assert.deepEqual(patches, [
    {
      target: 'select',
      by: 'gevent',
      version: '1.2.2',
      replacement: null,
      left: ['select.select'],
      at: '/site-packages/grequests.py:15',
    },
    {
      target: 'ssl',
      by: 'gevent',
      version: '26.9.0',
      heldBy: ['urllib3.util.ssl_.SSLContext'],
      at: '/app/slow.py:5',
    },
    { target: 'socket.getaddrinfo', by: 'gevent', replacement: 'gevent.resolver.thread.Resolver' },
    {
      target: 'urllib3.connection.ssl_wrap_socket',
      by: 'pyOpenSSL',
      version: '19.1.0',
      replacement: 'urllib3.contrib.pyopenssl.ssl_wrap_socket',
      at: '/requests/__init__.py:54',
    },
    {
      target: 'OpenSSL.SSL.Connection',
      by: 'gevent_openssl',
      version: '1.2',
      left: ['OpenSSL.SSL.Connection.recv'],
    },
  ]);
});

test('the name of a limit becomes its kind, and whether anybody waits for it', async () => {
  const { limits } = await environment({
    limits: [
      { name: 'urllib3 pool_maxsize, block=False', value: 10, where: '/app/program.py:11' },
      { name: 'ThreadPoolExecutor max_workers', value: 20 },
      { name: 'http.Agent maxSockets', value: 2 },
      { name: 'asyncio.Semaphore', value: 3 },
      { name: 'libuv threads', value: 4, where: 'libuv' },
      { name: 'frobs', value: 1 },
    ],
  });
  assert.deepEqual(limits, [
    { kind: 'connections', size: 10, of: 'urllib3 pool_maxsize', blocks: false, setAt: '/app/program.py:11' },
    { kind: 'workers', size: 20, of: 'ThreadPoolExecutor max_workers' },
    { kind: 'connections-per-host', size: 2, of: 'http.Agent maxSockets' },
    { kind: 'permits', size: 3, of: 'asyncio.Semaphore' },
    { kind: 'name-threads', size: 4, of: 'libuv threads', setAt: 'libuv' },
    { kind: 'other', size: 1, of: 'frobs' },
  ]);
});

test('a damaged line of version 1 is told as one of today is, and the rest is read', async () => {
  const { trace, records } = await lifted(
    { kind: 'block', pid: 7, fromUs: 0, toUs: 9, in: 4 },
    { kind: 'environment', pid: 7, language: 'python', version: '3', limits: 'none', patches: 7 },
    { kind: 'wish', task: 4 },
    { kind: 'note', atUs: 0, text: 'read on' },
  );
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ['environment', 'note'],
  );
  assert.deepEqual(
    trace.problems.map(({ text }) => text),
    ['block.wait should be an object: it is missing', 'no kind of record that this abreast knows: "wish"'],
  );
});
