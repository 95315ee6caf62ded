import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { python } from '../../../src/watch/recorders/python/index.ts';
import { interpreters } from './interpreters.ts';
import { all, program, watch } from './program.ts';

/** Where nobody listens. */
const closed = { HOST: '127.0.0.1:1', TARGET: '/', N: '1' };

let server: TestServer;
let folder: string;
before(async () => {
  server = await startServer({ httpsPort: false });
  folder = await mkdtemp(join(tmpdir(), 'abreast-unchanged-'));
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

for (const { version, path } of interpreters()) {
  test(`Python ${version}: output, exit code, signals, early imports and warnings are those of the plain run`, async () => {
    const env = { URL: `${server.httpUrl}/get` };
    const command = [path, program('behaviour'), 'an argument', '--and=another'];
    const plain = await watch(command, { env, probe: false });
    const watched = await watch(command, { env });
    assert.equal(watched.stdout, plain.stdout);
    assert.equal(watched.stderr, plain.stderr);
    assert.equal(watched.exitCode, 3);
    assert.equal(plain.exitCode, 3);
    assert.equal(all(watched, 'exchange').length, 1);
  });

  // Before 3.11 an error that passes through the probe shows its frames in the traceback.
  const shows = ['2.7', '3.6', '3.7', '3.8', '3.9', '3.10'].includes(version);
  test(`Python ${version}: an error that nobody catches is told as without the probe`, async () => {
    const plain = await watch([path, program('one_by_one')], { env: closed, probe: false });
    const watched = await watch([path, program('one_by_one')], { env: closed });
    assert.equal(plain.exitCode, 1);
    assert.equal(watched.exitCode, 1);
    const told = (text: string) => (shows ? text.trim().split('\n').at(-1) : text);
    assert.equal(told(watched.stderr), told(plain.stderr));
    assert.match(all(watched, 'exchange')[0]!.error!, /error|Refused/i);
  });

  test(`Python ${version}: methods of a socket take arguments by name, as they do without the probe`, {
    skip: version === '2.7' && 'its sockets are left alone',
  }, async () => {
    const asks = `
import socket, sys
wire = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
wire.send(b'GET /get HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n')
answer = bytearray(8)
print(wire.recv_into(buffer=answer, nbytes=8, flags=0), bytes(answer))
`;
    const watched = await watch([path, '-c', asks, String(server.httpPort)]);
    assert.equal(watched.stdout, "8 b'HTTP/1.1'\n", watched.stderr);
  });

  test(`Python ${version}: the user's own sitecustomize is loaded, and is the one in sys.modules`, async () => {
    await writeFile(join(folder, 'sitecustomize.py'), 'OWN = 42\n');
    const show = 'import sys, sitecustomize; print(sitecustomize.OWN)';
    const watched = await watch([path, '-c', show], { env: { PYTHONPATH: folder } });
    assert.equal(watched.stdout, '42\n', watched.stderr);
    assert.equal(watched.traces.length, 1);
  });

  test(`Python ${version}: a sitecustomize that fails, fails as it does without the probe`, async () => {
    await writeFile(join(folder, 'sitecustomize.py'), 'raise ValueError("mine")\n');
    const command = [path, '-c', 'print(1)'];
    const plain = await watch(command, { env: { PYTHONPATH: folder }, probe: false });
    const watched = await watch(command, { env: { PYTHONPATH: folder } });
    assert.equal(watched.stdout, plain.stdout);
    assert.equal(watched.exitCode, plain.exitCode);
    assert.equal(watched.stderr, plain.stderr);
    assert.notEqual(plain.stderr, '');
  });
}

test('without ABREAST_TRACE the probe does nothing', async (t) => {
  const found = interpreters().at(-1);
  if (!found) return t.skip('no Python: pyenv install 3.12');
  const watched = await watch([found.path, '-c', 'import sys; print("_abreast_recorder" in sys.modules)'], {
    env: { ABREAST_TRACE: '' },
    probe: false,
  });
  assert.equal(watched.stdout, 'False\n');
});

test('options that keep the probe out are told, with what to do', () => {
  assert.match(python.hindrance(['python3', '-I', 'x.py'])!, /-I .*leave -I out/);
  assert.match(python.hindrance(['env', 'A=1', '/usr/bin/python3.12', '-uS', 'x.py'])!, /-uS/);
  assert.match(python.hindrance(['python', '-W', 'error', '-E', '-c', 'pass'])!, /-E/);
  assert.equal(python.hindrance(['python3', '-u', 'x.py', '-I']), undefined);
  assert.equal(python.hindrance(['python3', '-m', 'x', '-E']), undefined);
  assert.equal(python.hindrance(['node', '-I']), undefined);
});
