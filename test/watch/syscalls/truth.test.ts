import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import type { TraceRecord } from '../../../src/trace/index.ts';
import { canTrace, recordSyscalls } from '../../../src/watch/recorders/syscalls/index.ts';

const tracing = canTrace();
const has = (command: string): boolean => spawnSync(command, ['--version']).error === undefined;
const needs = (command: string): { skip: string | false } => ({
  skip: tracing.missing ?? (has(command) ? false : `${command} is not on PATH`),
});

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

interface Seen {
  exchanges: number;
  max: number;
  mean: number;
  ports: string[];
}

/** Runs a command, and compares what was recorded with what the server saw. */
async function compare(
  command: string[],
  expected: { requests: number; max: number },
): Promise<TraceRecord[]> {
  server.resetStats();
  const records: TraceRecord[] = [];
  const environment = {
    ...process.env,
    HTTP: server.httpUrl!,
    HTTPS: server.httpsUrl!,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
  };
  const { done } = recordSyscalls({
    command,
    environment,
    startedUs: Date.now() * 1000,
    stdio: ['ignore', 'ignore', 'inherit'],
    emit: (record) => records.push(record),
  });
  const { exitCode, lost } = await done;
  assert.equal(exitCode, 0);
  assert.deepEqual(lost, {});
  const seen = overlap(records);
  const truth = server.fullStats();
  assert.equal(truth.requests, expected.requests);
  assert.equal(seen.exchanges, truth.requests);
  assert.equal(seen.max, expected.max);
  // Between the client's send and the server's start lie the client's and the server's own turns of one busy loop.
  assert.ok(
    seen.mean > 0.7 * truth.inFlight.mean! && seen.mean < 1.5 * truth.inFlight.mean!,
    `mean ${seen.mean}`,
  );
  if (seen.ports.length > 0) {
    assert.deepEqual(new Set(seen.ports), new Set(truth.log.map((each) => `127.0.0.1:${each.remotePort}`)));
  }
  return records;
}

function overlap(records: readonly TraceRecord[]): Seen {
  const exchanges = records.filter((each) => each.kind === 'exchange' && each.readUs !== null);
  const events = exchanges.flatMap((each) =>
    each.kind === 'exchange'
      ? [
          [each.sentUs!, 1],
          [each.readUs!, -1],
        ]
      : [],
  );
  events.sort(([one], [other]) => one! - other!);
  let inFlight = 0;
  let max = 0;
  let sumUs = 0;
  let busyUs = 0;
  let beforeUs = 0;
  for (const [atUs, change] of events as [number, number][]) {
    sumUs += inFlight * (atUs - beforeUs);
    if (inFlight > 0) busyUs += atUs - beforeUs;
    beforeUs = atUs;
    inFlight += change;
    max = Math.max(max, inFlight);
  }
  const ports = records.flatMap((each) =>
    each.kind === 'connection' && each.local !== undefined ? [each.local] : [],
  );
  return { exchanges: exchanges.length, max, mean: sumUs / busyUs, ports };
}

test('curl asks for one after another, on one connection', needs('curl'), async () => {
  const url = `${server.httpUrl}/delay/0.1`;
  const records = await compare(['curl', '-s', url, url, url], { requests: 3, max: 1 });
  assert.equal(records.filter((each) => each.kind === 'connection').length, 1);
  assert.ok(records.some((each) => each.kind === 'exchange' && each.url === url && each.status === 200));
});

test('curl -Z has them all in flight, behind TLS', needs('curl'), async () => {
  const urls = Array.from(
    { length: 10 },
    (_, index) => `${server.httpsUrl}/together/10?delay=0.2&n=${index}`,
  );
  const records = await compare(['curl', '-sk', '--http1.1', '-Z', ...urls], { requests: 10, max: 10 });
  assert.ok(records.some((each) => each.kind === 'connection' && each.tlsVersion === '1.3'));
});

test('threads of Python each ask for one after another', needs('python3'), async () => {
  const program = `
import http.client, os, ssl, threading
host, port = os.environ['HTTPS'][8:].split(':')
context = ssl._create_unverified_context()
def work():
    connection = http.client.HTTPSConnection(host, int(port), context=context)
    for _ in range(3):
        connection.request('GET', '/together/5?delay=0.1')
        connection.getresponse().read()
threads = [threading.Thread(target=work) for _ in range(5)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]`;
  await compare(['python3', '-c', program], { requests: 15, max: 5 });
});

test('fetch of Node has them all in flight', needs('node'), async () => {
  const program = `Promise.all(Array.from({ length: 10 }, () => fetch(process.env.HTTPS + '/together/10?delay=0.2').then((r) => r.text())))`;
  await compare([process.execPath, '-e', program], { requests: 10, max: 10 });
});

test('an agent of node:https with two sockets has two in flight', needs('node'), async () => {
  const program = `
const https = require('https');
const agent = new https.Agent({ maxSockets: 2, keepAlive: true });
let left = 6;
for (let i = 0; i < 6; i++) https.get(process.env.HTTPS + '/delay/0.2', { agent }, (r) => r.resume().on('end', () => --left || agent.destroy()));`;
  await compare([process.execPath, '-e', program], { requests: 6, max: 2 });
});

test('a loop that computes while others of its process run is busy', needs('node'), async () => {
  const program = `
const get = fetch(process.env.HTTP + '/delay/2').then((r) => r.text());
setTimeout(() => {
  let sum = 0;
  const begun = process.cpuUsage();
  while (process.cpuUsage(begun).user < 700_000) sum++;
}, 100);`;
  const records = await compare([process.execPath, '-e', program], { requests: 1, max: 1 });
  const busyUs = records.reduce(
    (sum, each) => (each.kind === 'block' && each.wait.kind === 'cpu' ? sum + each.toUs - each.fromUs : sum),
    0,
  );
  assert.ok(busyUs > 500_000, `busy for ${busyUs} us`);
});

test('HTTP/2 is recognized, and its streams are not counted as exchanges', needs('node'), async () => {
  const program = `
const session = require('http2').connect(process.env.HTTPS);
let left = 4;
for (let i = 0; i < 4; i++) session.request({ ':path': '/delay/0.2' }).resume().on('end', () => --left || session.close());`;
  server.resetStats();
  const records: TraceRecord[] = [];
  const environment = {
    ...process.env,
    HTTPS: server.httpsUrl!,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    NODE_NO_WARNINGS: '1',
  };
  const command = [process.execPath, '-e', program];
  const startedUs = Date.now() * 1000;
  await recordSyscalls({ command, environment, startedUs, emit: (record) => records.push(record) }).done;
  assert.equal(server.stats().requests, 4);
  assert.ok(records.some((each) => each.kind === 'connection' && each.protocol === 'h2'));
  assert.equal(records.filter((each) => each.kind === 'exchange').length, 0);
});

test('the program keeps its exit code, its output, and the signal that ends it', {
  skip: tracing.missing ?? false,
}, async () => {
  const run = (command: string[]) =>
    recordSyscalls({
      command,
      environment: process.env,
      startedUs: 0,
      stdio: ['ignore', 'pipe', 'pipe'],
      emit: () => {},
    });
  const failing = run(['sh', '-c', 'echo out; echo err >&2; exit 7']);
  let output = '';
  failing.child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  failing.child.stderr!.on('data', (chunk) => {
    output += chunk;
  });
  assert.equal((await failing.done).exitCode, 7);
  assert.equal(output.split('\n').sort().join(' '), ' err out');
  assert.equal((await run(['sh', '-c', 'kill -TERM $$']).done).signal, 'SIGTERM');
});

test('a command that leaves something running behind is not waited for', {
  skip: tracing.missing ?? false,
}, async () => {
  const records: TraceRecord[] = [];
  const { done } = recordSyscalls({
    command: ['sh', '-c', 'sleep 9 & exit 3'],
    environment: process.env,
    startedUs: 0,
    emit: (record) => records.push(record),
  });
  const beganMs = Date.now();
  assert.equal((await done).exitCode, 3);
  assert.ok(Date.now() - beganMs < 8_500);
  assert.ok(records.some((each) => each.kind === 'note'));
});
