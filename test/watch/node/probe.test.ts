import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { node } from '../../../src/watch/recorders/node/index.ts';
import { nodeOf, RECORDED, TOO_OLD } from './nodes.ts';
import { level, of, type Ran, run } from './run.ts';

let server: TestServer;
let narrow: TestServer;
before(async () => {
  server = await startServer();
  narrow = await startServer({ maxStreams: 2 });
});
after(() => Promise.all([server.close(), narrow.close()]));

const places = (): NodeJS.ProcessEnv => ({
  HTTP: server.httpUrl,
  HTTPS: server.httpsUrl,
  NARROW: narrow.httpsUrl,
});

/** Runs a program that makes `requests` requests, and checks what holds of every trace. */
async function record(node: string, program: string, requests: number, counted = server): Promise<Ran> {
  counted.resetStats();
  const ran = await run(node, program, { environment: places() });
  assert.equal(ran.exitCode, 0, ran.output);
  const exchanges = of('exchange', ran.records);
  assert.equal(counted.stats().requests, requests, ran.output);
  assert.equal(exchanges.length, requests);
  for (const each of exchanges) {
    const steps = [
      each.wantedUs,
      each.calledUs,
      each.dispatchedUs,
      each.connectedUs,
      each.sentUs,
      each.answeredUs,
      each.readUs,
    ];
    assert.ok(
      steps.every((step, index) => typeof step === 'number' && (index === 0 || step >= steps[index - 1]!)),
      JSON.stringify(each),
    );
    assert.equal(each.status, 200);
    assert.ok(of('connection', ran.records).some((connection) => connection.id === each.connection));
  }
  assert.equal(ran.records[0]?.kind, 'run');
  const end = of('end', ran.records)[0];
  assert.deepEqual(end?.lost, { dropped: 0, notUnderstood: 0 }, JSON.stringify(of('note', ran.records)));
  return ran;
}

/** Whether all exchanges passed a step before the first of them was answered. */
function isBeforeAnswers(records: Ran['records'], step: 'dispatchedUs' | 'sentUs'): boolean {
  const exchanges = of('exchange', records);
  return (
    Math.max(...exchanges.map((each) => each[step]!)) <=
    Math.min(...exchanges.map((each) => each.answeredUs!))
  );
}

const FETCHES = `
const get = async (i) => (await fetch(process.env.HTTPS + '/together/8?i=' + i)).text();
Promise.all(Array.from({ length: 8 }, (_, i) => get(i)));`;

const HTTP_GET = (agent: string, path = '/delay/0.1'): string => `
const http = require('http');
const agent = new http.Agent(${agent});
const get = () => new Promise((resolve, reject) => {
  http.get(process.env.HTTP + '${path}', { agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject);
});
Promise.all(Array.from({ length: 6 }, get)).then(() => agent.destroy());`;

for (const version of RECORDED) {
  const { path, skip } = nodeOf(version);

  describe(`Node ${version}`, { skip }, () => {
    test('fetch: all are asked, and all are sent, at once', async () => {
      const { records } = await record(path, FETCHES, 8);
      assert.ok(isBeforeAnswers(records, 'sentUs'));
      const stacks = of('stack', records);
      const [exchange] = of('exchange', records);
      const frames = stacks.find((each) => each.id === exchange?.stack)?.frames;
      assert.ok(frames?.some((frame) => frame.file.endsWith('/program.cjs') && frame.line === 2));
    });

    test('await in a loop: each is asked after the last was read', async () => {
      const program = `(async () => { for (let i = 0; i < 4; i++) await (await fetch(process.env.HTTP + '/delay/0.1')).text(); })();`;
      const { records } = await record(path, program, 4);
      assert.ok(level(records, 'wantedUs') < 1.2);
    });

    test('an agent with one socket: asked together, dispatched one by one, and the limit has its line', async () => {
      const { records } = await record(path, HTTP_GET('{ keepAlive: true, maxSockets: 1 }'), 6);
      assert.ok(level(records, 'wantedUs') > 2.5);
      assert.ok(level(records, 'dispatchedUs') < 1.2);
      const limits = of('environment', records)[0]?.limits ?? [];
      const limit = limits.find((each) => each.of === 'http.Agent maxSockets');
      assert.equal(limit?.size, 1);
      assert.match(limit.setAt!, /program\.cjs:3$/);
    });

    test('a limit that is assigned to the agent of all has its line', async () => {
      const program = HTTP_GET('{}').replace('new http.Agent({})', 'http.globalAgent;\nagent.maxSockets = 2');
      const { records } = await record(path, program, 6);
      const limits = of('environment', records).flatMap((each) => each.limits ?? []);
      const places = limits.filter((each) => each.of === 'http.Agent maxSockets').map((each) => each.setAt);
      assert.match(String(places.at(-1)), /program\.cjs:4$/);
    });

    test('an agent without limit: dispatched together', async () => {
      const { records } = await record(path, HTTP_GET('{}', '/together/6'), 6);
      assert.ok(isBeforeAnswers(records, 'dispatchedUs'));
    });

    test('HTTP/2: streams that the server does not allow yet are not dispatched', async () => {
      const program = (url: string): string => `
const session = require('http2').connect(${url});
let left = 6;
session.once('remoteSettings', () => {
  for (let i = 0; i < 6; i++) session.request({ ':path': '/delay/0.1' }).resume().on('end', () => --left || session.close());
});`;
      const few = await record(path, program('process.env.NARROW'), 6, narrow);
      assert.ok(level(few.records, 'dispatchedUs') < 0.7 * level(few.records, 'wantedUs'));
      assert.equal(of('connection', few.records)[0]?.protocol, 'h2');
      const all = await record(path, program('process.env.HTTPS'), 6);
      assert.ok(level(all.records, 'dispatchedUs') > 0.7 * level(all.records, 'wantedUs'));
    });

    test('a loop that computes is a block, with its stack', async () => {
      const program = `
function crunch() { const until = Date.now() + 400; while (Date.now() < until); }
fetch(process.env.HTTP + '/get').then((answer) => answer.text()).then(crunch);`;
      const { records } = await record(path, program, 1);
      const block = of('block', records).find(
        (each) => each.wait.kind === 'cpu' && each.toUs - each.fromUs > 300_000,
      );
      assert.ok(block, JSON.stringify(of('block', records)));
      const frames = of('stack', records).find((each) => each.id === block.stack)?.frames;
      assert.equal(frames?.[0]?.function, 'crunch');
    });

    test('a loop that sleeps is a block that does not compute, however busy the machine is', async () => {
      const program = `
function pause() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400); }
fetch(process.env.HTTP + '/get').then((answer) => answer.text()).then(pause);`;
      const { records } = await record(path, program, 1);
      const block = of('block', records).find((each) => each.toUs - each.fromUs > 300_000);
      assert.deepEqual(block?.wait, { kind: 'other', call: 'loop' });
    });

    test('a request that fails has its error', async () => {
      const program = `require('http').get('http://127.0.0.1:1/').on('error', () => {}); fetch('http://127.0.0.1:9/').catch(() => {});`;
      const { records } = await run(path, program);
      const errors = of('exchange', records).map((each) => each.error);
      assert.ok(errors.includes('ECONNREFUSED'), JSON.stringify(errors));
    });

    test('children and worker threads have their own files', async () => {
      const program = `
const { Worker, isMainThread } = require('worker_threads');
const get = () => fetch(process.env.HTTP + '/get').then((answer) => answer.text());
get();
if (isMainThread && !process.env.CHILD) {
  new Worker(__filename);
  require('child_process').spawn(process.execPath, [__filename], { env: { ...process.env, CHILD: '1' }, stdio: 'inherit' });
}`;
      const { traces } = await run(path, program, { environment: places() });
      assert.equal(traces.size, 3);
      for (const records of traces.values()) assert.equal(of('exchange', records).length, 1);
    });
  });
}

const current = process.execPath;

test('what a child process holds up is said, with the line that ran it', async () => {
  const program = `require('child_process').execSync('sleep 0.2');\nfetch(process.env.HTTP + '/get').then((answer) => answer.text());`;
  const { records } = await record(current, program, 1);
  const [block] = of('block', records);
  assert.equal(block?.wait.kind, 'child');
  const stack = of('stack', records).find((each) => each.id === block?.stack);
  assert.ok(stack?.frames.some((frame) => frame.file.endsWith('program.cjs') && frame.line === 1));
});

test('the sizes of undici from npm are seen, and where they were set', async () => {
  const undici = new URL('../../../node_modules/undici/index.js', import.meta.url).pathname;
  const program = `
const { Client, Agent, fetch } = require('${undici}');
const client = new Client(process.env.HTTP);
const dispatcher = new Agent({ connections: 2 });
const get = () => client.request({ method: 'GET', path: '/delay/0.1' }).then(({ body }) => body.text());
Promise.all([get(), get(), get(), fetch(process.env.HTTP + '/get', { dispatcher }).then((answer) => answer.text())]).then(() => client.close());`;
  const { records } = await record(current, program, 4);
  const limits = of('environment', records)[0]?.limits ?? [];
  const shown = limits
    .filter((each) => each.of.startsWith('undici'))
    .map((each) => `${each.of} ${each.size} ${each.setAt}`);
  assert.ok(
    shown.some((each) => /^undici Client connections 1 .*program\.cjs:3$/.test(each)),
    shown.join('\n'),
  );
  assert.ok(
    shown.some((each) => /^undici Agent connections 2 .*program\.cjs:4$/.test(each)),
    shown.join('\n'),
  );
});

test('requests in the queue of a pool of undici are asked where they were handed in', async () => {
  const undici = new URL('../../../node_modules/undici/index.js', import.meta.url).pathname;
  const program = `
const { Pool } = require('${undici}');
const pool = new Pool(process.env.HTTP, { connections: 2 });
const get = () => pool.request({ method: 'GET', path: '/delay/0.1' }).then(({ body }) => body.text());
Promise.all(Array.from({ length: 8 }, get)).then(() => pool.close());`;
  const { records } = await record(current, program, 8);
  assert.ok(level(records, 'wantedUs') > 1.6 * level(records, 'dispatchedUs'));
  const stacks = of('exchange', records).map((each) =>
    of('stack', records).find(({ id }) => id === each.stack),
  );
  assert.ok(
    stacks.every((stack) =>
      stack?.frames.some((frame) => frame.file.endsWith('program.cjs') && frame.line === 4),
    ),
  );
});

test('secrets in URLs and arguments are in no file', async () => {
  const secret = 'hunter2-hunter2';
  const program = `
fetch(process.env.HTTP + '/get?api_key=${secret}', { headers: { authorization: 'Bearer ${secret}' } }).then((answer) => answer.text());
require('http').get(process.env.HTTP.replace('//', '//me:${secret}@') + '/get?token=${secret}', (answer) => answer.resume());`;
  const { records } = await run(current, program, { environment: places() });
  assert.equal(of('exchange', records).length, 2);
  assert.ok(!JSON.stringify(records).includes(secret));
});

for (const [what, program] of [
  ['exit code', `fetch(process.env.HTTP + '/get').then(() => process.exit(5));`],
  ['uncaught error', `require('http').get('http://127.0.0.1:1/');`],
  ['unhandled rejection', `fetch(process.env.HTTP + '/get').then(() => { throw new Error('mine'); });`],
  [
    'response nobody listens to',
    `require('http').get(process.env.HTTP + '/get').on('close', () => console.log('closed'));`,
  ],
  [
    'looks of functions',
    `const { get, Agent, ClientRequest } = require('http'); console.log(get.name, Agent.prototype.addRequest.length, Object.keys(ClientRequest.prototype), require('child_process').execSync.name);`,
  ],
  [
    'own stack formatter',
    `Error.prepareStackTrace = (error, sites) => 'mine ' + sites.length; fetch(process.env.HTTP + '/get').then(() => console.log(new Error().stack, Error.stackTraceLimit));`,
  ],
] as const) {
  test(`the program keeps its ${what}`, async () => {
    const options = { environment: places() };
    const recorded = await run(current, program, options);
    const plain = await run(current, program, { ...options, recorded: false });
    assert.equal(recorded.exitCode, plain.exitCode);
    // A stack shows who calls whom, the recorder too.
    assert.equal(recorded.output.replace(/^.*probe\.cjs.*\n/gm, ''), plain.output);
  });
}

test("the user's own NODE_OPTIONS stay", async () => {
  const environment = { ...places(), NODE_OPTIONS: '--no-deprecation --title=mine' };
  const { output, records } = await run(
    current,
    `console.log(process.title, process.noDeprecation); fetch(process.env.HTTP + '/get').then((answer) => answer.text())`,
    { environment },
  );
  assert.match(output, /^mine true/);
  assert.equal(of('exchange', records).length, 1);
});

test('a trace that cannot be written does no harm', async () => {
  const program = `fetch(process.env.HTTP + '/get').then((answer) => console.log(answer.status));`;
  const environment = { ...places(), NODE_OPTIONS: '', ABREAST_TRACE: '/no/such/folder/trace.jsonl' };
  const ran = await run(current, program, {
    recorded: false,
    environment: { ...environment, NODE_OPTIONS: `--require ${node.file}` },
  });
  assert.equal(ran.output.trim(), '200');
  assert.equal(ran.exitCode, 0);
});

for (const version of TOO_OLD) {
  const { path, skip } = nodeOf(version);
  test(`Node ${version} loads the recorder, and does not notice`, { skip }, async () => {
    const { exitCode, output, traces } = await run(path, `console.log('fine')`);
    assert.equal(exitCode, 0);
    assert.equal(output, 'fine\n');
    assert.equal(traces.size, 0);
  });
}
