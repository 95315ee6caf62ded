import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { python } from '../../../src/watch/recorders/python/index.ts';
import { environment } from './environments.ts';
import { interpreters } from './interpreters.ts';
import { program, watch } from './program.ts';

let server: TestServer;
let folder: string;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-kit-'));
  await cp(python.file, join(folder, 'kit', 'sitecustomize.py'));
});
const gone = () => rm(folder, { recursive: true });

/** As a person uses the file: nothing but the two variables, on a PATH without Node. */
function alone(python: string, ...args: string[]) {
  const env = {
    PATH: '/nowhere',
    PYTHONPATH: join(folder, 'kit'),
    ABREAST_TRACE: join(folder, 't.jsonl'),
    URL: `${server.httpUrl}/get`,
    N: '2',
  };
  return promisify(execFile)(python, args, { env, timeout: 30_000 });
}

async function kindsIn(name: string): Promise<string[]> {
  const text = await readFile(join(folder, name), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).kind);
}

for (const { version, path } of interpreters()) {
  test(`Python ${version}: the file alone writes a whole trace, and each child one beside it`, async (t) => {
    t.after(gone);
    await alone(path, program('spawned'));
    const traces = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
    assert.equal(traces.length, 2);
    assert.match(traces[0]!, /^t\.\d+\.jsonl$/);
    for (const name of traces) {
      const kinds = await kindsIn(name);
      assert.equal(kinds[0], 'run');
      assert.equal(kinds.at(-1), 'end');
      assert.equal(kinds.filter((kind) => kind === 'exchange').length, 1);
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
    }
  });
}

test('a second run writes over the trace of the first', async (t) => {
  t.after(gone);
  const found = interpreters().at(-1);
  if (!found) return t.skip('no Python: pyenv install 3.12');
  // Each in a session of its own, as a shell starts its commands.
  const env = { ...process.env, PYTHONPATH: join(folder, 'kit'), ABREAST_TRACE: join(folder, 't.jsonl') };
  for (const code of ['print(1)', 'print(2)'])
    spawnSync('setsid', ['--wait', found.path, '-c', code], { env, timeout: 30_000 });
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith('.jsonl')),
    ['t.jsonl'],
  );
  const text = await readFile(join(folder, 't.jsonl'), 'utf8');
  assert.equal(text.split('\n').filter((line) => line.includes('"kind":"run"')).length, 1);
  assert.match(text, /print\(2\)/);
});

test('a trace that cannot be written changes nothing for the program', async (t) => {
  t.after(gone);
  const found = interpreters().at(-1);
  if (!found) return t.skip('no Python: pyenv install 3.12');
  const env = { ABREAST_TRACE: '/nowhere/t.jsonl', PYTHONPATH: join(folder, 'kit') };
  const ran = await watch([found.path, '-c', 'print(1)'], { env, probe: false });
  assert.equal(ran.stdout, '1\n');
  assert.equal(ran.stderr, '');
  assert.equal(ran.exitCode, 0);
});

test('recording costs a fraction of the time that many requests take', async (t) => {
  t.after(gone);
  const made = environment('py312');
  if ('skip' in made) return t.skip(made.skip);
  for (const name of ['aiohttp_gather', 'requests_threads']) {
    const env = { URL: `${server.httpUrl}/delay/0.3`, N: '60' };
    const plain: number[] = [];
    const watched: number[] = [];
    const factor = () => Math.min(...watched) / Math.min(...plain);
    // The best of three pairs; of more on a machine whose other work falls on one side.
    while (plain.length < 3 || (plain.length < 10 && factor() >= 2)) {
      plain.push((await watch([made.path, program(name)], { env, probe: false })).wallMs);
      watched.push((await watch([made.path, program(name)], { env })).wallMs);
    }
    assert.ok(factor() < 2, `${name}: ${factor().toFixed(2)} times as long as unwatched`);
  }
});
