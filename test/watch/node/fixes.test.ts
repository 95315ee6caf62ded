import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { fixVariables } from '../../../src/watch/index.ts';
import { nodeOf, RECORDED } from './nodes.ts';
import { of, type Ran, run } from './run.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const UNDICI = new URL('../../../node_modules/undici/index.js', import.meta.url).pathname;
const current = process.execPath;

/** Runs a program with a change. Gives the run, and the names of the changes that took effect. */
async function changed(
  t: TestContext,
  node: string,
  program: string,
  fix: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly ran: Ran; readonly applied: ReadonlySet<string> }> {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-fixes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const marks = join(folder, 'marks');
  const variables = { HTTP: server.httpUrl, ...environment, ...fixVariables([['none'], fix], marks) };
  const ran = await run(node, program, { environment: variables });
  const notes = readFileSync(marks, 'utf8').trim().split('\n');
  for (const note of notes) assert.equal(note, fix.slice(0, 2).join('\t'));
  return { ran, applied: new Set(notes.map((note) => note.split('\t')[0]!)) };
}

/** Six GETs that are answered once all are in flight, through an agent that `made` makes. */
const AGENT = (made: string) => `
const http = require('http');
const agent = ${made};
let left = 6, good = 0;
for (let n = 0; n < 6; n++)
  http.get(process.env.HTTP + '/together/6', { agent }, (answer) => {
    good += answer.statusCode === 200;
    answer.resume().on('end', () => --left || (console.log(good), agent.destroy()));
  });`;

for (const version of RECORDED) {
  const { path, skip } = nodeOf(version);
  test(`maxSockets of an agent is raised, in Node ${version}`, { skip }, async (t) => {
    const made = 'new http.Agent({ maxSockets: 2, keepAlive: true })';
    const fix = ['raise', 'http.Agent maxSockets', '2', '', '6'];
    const { ran, applied } = await changed(t, path, AGENT(made), fix);
    assert.deepEqual([ran.output.trim(), [...applied]], ['6', ['raise']]);
    const [limit] = of('environment', ran.records)[0]!.limits!.filter(({ of }) => of.endsWith('maxSockets'));
    assert.equal(limit?.size, 6, 'the verdict of this run must not speak of the old limit');
  });

  test(`agents keep connections that the program closes, in Node ${version}`, { skip }, async (t) => {
    const program = `
const http = require('http');
const agent = new http.Agent({ keepAlive: false });
const get = (left) => http.get(process.env.HTTP + '/get', { agent }, (answer) =>
  answer.resume().on('end', () => left > 1 ? setImmediate(get, left - 1) : agent.destroy()));
get(5);`;
    const { ran, applied } = await changed(t, path, program, ['keep-alive']);
    assert.ok(applied.has('keep-alive'));
    assert.equal(of('exchange', ran.records).length, 5);
    assert.equal(of('connection', ran.records).length, 1);
  });
}

test("Node's own agent and maxTotalSockets are raised", async (t) => {
  const own = AGENT('Object.assign(http.globalAgent, { maxSockets: 2 })');
  const maxSockets = await changed(t, current, own, ['raise', 'http.Agent maxSockets', '2', '', '6']);
  assert.equal(maxSockets.ran.output.trim(), '6');
  const total = AGENT('new http.Agent({ maxTotalSockets: 2 })');
  const all = await changed(t, current, total, ['raise', 'http.Agent maxTotalSockets', '2', '', '6']);
  assert.equal(all.ran.output.trim(), '6');
});

for (const kind of ['Pool', 'Agent'])
  test(`connections of undici's ${kind} are raised`, async (t) => {
    const made =
      kind === 'Pool' ? 'new Pool(process.env.HTTP, { connections: 2 })' : 'new Agent({ connections: 2 })';
    const program = `
const { ${kind} } = require('${UNDICI}');
const dispatcher = ${made};
const get = () => dispatcher.request({ origin: process.env.HTTP, path: '/together/6', method: 'GET' })
  .then(({ statusCode, body }) => body.text().then(() => statusCode === 200));
Promise.all(Array.from({ length: 6 }, get)).then((all) => { console.log(all.filter(Boolean).length); dispatcher.close(); });`;
    const fix = ['raise', `undici ${kind} connections`, '2', '', '6'];
    const { ran, applied } = await changed(t, current, program, fix);
    assert.deepEqual([ran.output.trim(), [...applied]], ['6', ['raise']]);
  });

test('a variable is noted by the process that has it', async (t) => {
  const program = "require('http').get(process.env.HTTP + '/get', (answer) => answer.resume());";
  const fix = ['variable', 'UV_THREADPOOL_SIZE', '12'];
  const { applied } = await changed(t, current, program, fix, { UV_THREADPOOL_SIZE: '12' });
  assert.deepEqual([...applied], ['variable']);
});
