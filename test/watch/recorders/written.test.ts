import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from '../../../src/testserver/index.ts';
import { checkTrace } from '../../../src/trace/index.ts';
import { watch } from '../../../src/watch/index.ts';
import { recorders } from '../../../src/watch/recorders/list.ts';
import type { Invocation } from '../../../src/watch/recorders/recorder.ts';
import { interpreters } from '../python/interpreters.ts';
import { program } from '../python/program.ts';
import { program as rubyProgram } from '../ruby/program.ts';
import { rubies } from '../ruby/rubies.ts';

const IN_NODE = `
const http = require('http');
const agent = new http.Agent({ maxSockets: 2 });
const get = () => new Promise((resolve) => http.get(process.env.URL, { agent }, (answer) => answer.resume().on('end', resolve)));
async function ask() {
  await Promise.all([get(), get(), get()]);
  require('child_process').execSync('true');
  for (const until = Date.now() + 120; Date.now() < until; ) ;
  await Promise.all([1, 2].map(() => fetch(process.env.URL).then((answer) => answer.text())));
  const session = require('http2').connect(process.env.HTTPS);
  await new Promise((resolve) => session.request({ ':path': '/get' }).on('end', resolve).resume());
  session.close();
}
ask();
`;

const python = interpreters().map(
  ({ version, path }) => [`Python ${version}`, [path, program('threads')]] as const,
);

const ruby = rubies().map(
  ({ version, path }) => [`Ruby ${version}`, [path, rubyProgram('queue'), 'slow']] as const,
);

for (const [name, command] of [['Node', [process.execPath, '-e', IN_NODE]] as const, ...python, ...ruby])
  test(`what is written of a program in ${name} is what the trace's schema knows, alone and merged`, async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    const folder = mkdtempSync(join(tmpdir(), 'abreast-written-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const own = {
      URL: `${server.httpUrl}/get`,
      HTTPS: server.httpsUrl!,
      N: '4',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
    };
    const run = { folder, file: command[0]!, startedUs: 0, keepUrls: false };
    const { environment } = recorders.reduce<Invocation>(
      (invocation, recorder) => recorder.begin(invocation, run).invocation,
      { command, environment: { ...process.env, ...own } as NodeJS.ProcessEnv },
    );
    await promisify(execFile)(command[0]!, command.slice(1), { env: environment, timeout: 60_000 });
    for (const file of readdirSync(folder)) await isWhole(join(folder, file));

    Object.assign(process.env, own);
    const trace = join(folder, 'merged.jsonl');
    const streams = 'output to stderr';
    await watch({
      command,
      file: command[0]!,
      streams,
      trace,
      keepUrls: false,
      without: [],
      started: () => {},
    });
    await isWhole(trace);
  });

async function isWhole(path: string): Promise<void> {
  const { records, faults } = await checkTrace(path);
  assert.deepEqual(faults, []);
  assert.ok(records > 5);
}
