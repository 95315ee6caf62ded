/** The kit where there is nothing but the program's own interpreter: judged outside, it is the verdict of `watch`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { nodeOf, RECORDED } from '../watch/node/nodes.ts';
import { interpreters } from '../watch/python/interpreters.ts';
import { abreast, folder, type Outcome } from './abreast.ts';

const PYTHON = `
import os
from multiprocessing.pool import ThreadPool
try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen
ThreadPool(int(os.environ['WORKERS'])).map(lambda i: urlopen(os.environ['URL'] + str(i)).read(), range(6))
`;

const NODE = `
const http = require('http');
const agent = new http.Agent({ maxSockets: Number(process.env.WORKERS), keepAlive: true });
const get = (i) => new Promise((resolve, reject) => {
  http.get(process.env.URL + i, { agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject);
});
Promise.all(Array.from({ length: 6 }, (_, i) => get(i))).then(() => agent.destroy());
`;

let server: TestServer;
const at = folder();
before(async () => {
  server = await startServer({ httpsPort: false });
  writeFileSync(join(at, 'program.py'), PYTHON);
  writeFileSync(join(at, 'program.cjs'), NODE);
  await abreast(['watch', '--kit', join(at, 'kit')]);
});
after(() => server.close());

/** What both say of the same program. */
function verdictOf({ out, err }: Outcome): unknown {
  assert.ok(out.startsWith('{'), err);
  const { overlap, step, wanted, exchanges, causes } = JSON.parse(out);
  return {
    overlap,
    step,
    wanted,
    exchanges,
    causes: causes.map((cause: { id: string }) => cause.id).slice(0, 1),
  };
}

/** Runs it with the kit's variables and no others: nothing is on its PATH but the interpreter. */
async function recordedAlone(command: readonly string[], path: string, own: Record<string, string>) {
  const traces = join(at, `${Math.random()}`.slice(2));
  mkdirSync(traces);
  const environment = {
    PATH: path,
    PYTHONPATH: join(at, 'kit'),
    NODE_OPTIONS: `--require ${join(at, 'kit', 'probe.cjs')}`,
    ABREAST_TRACE: join(traces, 't-%p.jsonl'),
    ...own,
  };
  const [file, ...args] = command;
  await promisify(execFile)(file!, args, { env: environment, timeout: 60_000 });
  const written = readdirSync(traces).map((name) => join(traces, name));
  return verdictOf(await abreast(['judge', '--json', ...written]));
}

async function isTheSame(command: readonly string[], path: string): Promise<void> {
  for (const [workers, overlap] of [
    ['1', 'serial'],
    ['6', 'concurrent'],
  ] as const) {
    const own = { URL: `${server.httpUrl}/delay/0.4?i=`, WORKERS: workers };
    const watched = verdictOf(await abreast(['watch', '--json', '--', ...command], { env: own }));
    const alone = await recordedAlone(command, path, own);
    assert.equal((alone as { overlap: string }).overlap, overlap);
    assert.deepEqual(alone, watched);
  }
}

for (const { version, path } of interpreters()) {
  test(`what the kit records of Python ${version} is judged as under watch`, async () => {
    await isTheSame([path, join(at, 'program.py')], dirname(path));
  });
}

for (const version of RECORDED) {
  const { path, skip } = nodeOf(version);
  test(`what the kit records of Node ${version} is judged as under watch`, { skip }, async () => {
    const only = join(at, `only-${version}`);
    mkdirSync(only);
    symlinkSync(path, join(only, 'node'));
    await isTheSame([join(only, 'node'), join(at, 'program.cjs')], only);
  });
}
