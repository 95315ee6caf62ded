import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import type { Exchange } from '../../../src/trace/index.ts';
import { all, program, type Ran, run } from './program.ts';
import { NO_RUBY, rubies } from './rubies.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const installed = rubies();
test('programs in Ruby are recorded', { skip: installed.length === 0 && NO_RUBY }, () => {});

const STEPS = [
  'wantedUs',
  'calledUs',
  'dispatchedUs',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
] as const;

function isOrdered(exchange: Exchange): void {
  const times = STEPS.map((step) => exchange[step]);
  assert.ok(
    times.every((time) => typeof time === 'number'),
    JSON.stringify(exchange),
  );
  assert.deepEqual(
    times,
    times.toSorted((one, other) => one! - other!),
  );
}

/** What is kept of each exchange to compare. */
function brief(ran: Ran, ...fields: readonly (keyof Exchange)[]): unknown[][] {
  return all(ran, 'exchange').map((exchange) => fields.map((field) => exchange[field]));
}

for (const { version, path } of installed)
  describe(`Ruby ${version}`, () => {
    async function recorded(what: string): Promise<Ran> {
      const env = { URL: `${server.httpUrl}/get`, HTTPS: server.httpsUrl! };
      const ran = await run([path, '-w', program('steps'), what], { env });
      assert.deepEqual([ran.stderr, ran.exitCode], ['', 0]);
      assert.equal(all(ran, 'note').length, 0, JSON.stringify(all(ran, 'note')));
      assert.deepEqual(all(ran, 'end')[0]!.lost, {});
      assert.deepEqual(new Set(ran.modes), new Set([0o600]));
      return ran;
    }

    test('a URL that was in an answer names the exchange that brought it, and one that was not names none', async () => {
      const pages = brief(await recorded('pages'), 'from').flat();
      assert.deepEqual(pages, [[], [1], [2], [3], [4]]);
      assert.deepEqual(brief(await recorded('kept'), 'from').flat(), [[], [], []]);
    });

    test('a connection that is kept carries one exchange after the other, each step in order', async () => {
      const ran = await recorded('kept');
      assert.deepEqual(brief(ran, 'connection', 'ordinal', 'status', 'url', 'because', 'attempt'), [
        [1, 0, 200, `${server.httpUrl}/get`, 'first', 1],
        [1, 1, 200, `${server.httpUrl}/get`, 'first', 1],
        [1, 2, 200, `${server.httpUrl}/get`, 'first', 1],
      ]);
      all(ran, 'exchange').forEach(isOrdered);
      const [connection] = all(ran, 'connection');
      assert.equal(connection!.origin, server.httpUrl);
      assert.equal(connection!.remote, server.httpUrl!.replace('http://', ''));
      assert.ok(
        all(ran, 'exchange')[0]!.calledUs! <= connection!.connectingUs!,
        'it was opened for the first',
      );
      assert.equal(all(ran, 'connectionClosed').length, 1);
      assert.deepEqual(all(ran, 'process')[0]!.argv!.slice(-2), [program('steps'), 'kept']);
    });

    test('TLS is timed, and no token of a URL is written', async () => {
      const ran = await recorded('tls');
      const [connection] = all(ran, 'connection');
      assert.equal(connection!.socketClass, 'OpenSSL::SSL::SSLSocket');
      assert.match(connection!.tlsVersion!, /^TLSv1\.[23]$/);
      assert.ok(
        connection!.tlsDoneUs! > connection!.tlsStartUs! &&
          connection!.tlsStartUs! >= connection!.connectingUs!,
      );
      assert.deepEqual(brief(ran, 'url'), [[`${server.httpsUrl}/get?token=***`]]);
      all(ran, 'exchange').forEach(isOrdered);
    });

    test('a body that is sent belongs to its request', async () => {
      const ran = await recorded('post');
      assert.deepEqual(brief(ran, 'method', 'status', 'error'), [['POST', 200, null]]);
    });

    for (const [what, error] of [
      ['refused', 'Errno::ECONNREFUSED'],
      ['refused at once', 'Errno::ECONNREFUSED'],
      ['nameless', 'SocketError'],
    ] as const)
      test(`what can not be opened is an exchange that failed: ${what}`, async () => {
        const ran = await recorded(what);
        assert.deepEqual(brief(ran, 'error', 'sentUs', 'connection'), [[error, null, null]]);
        assert.equal(ran.stdout.trim(), error);
        assert.ok(all(ran, 'exchange')[0]!.failedUs! >= all(ran, 'exchange')[0]!.calledUs!);
      });

    test('a retry is an attempt of the same request, on a connection of its own', async () => {
      const ran = await recorded('timeout');
      assert.deepEqual(brief(ran, 'request', 'attempt', 'because', 'error', 'connection', 'answeredUs'), [
        [1, 1, 'first', 'Net::ReadTimeout', 1, null],
        [1, 2, 'retry', 'Net::ReadTimeout', 2, null],
      ]);
    });

    test('an answer that a kill or an error cuts short has an end', async () => {
      const [killed] = all(await recorded('killed'), 'exchange');
      assert.deepEqual([killed!.answeredUs, typeof killed!.error], [null, 'string']);
      const [streamed] = all(await recorded('streamed'), 'exchange');
      assert.deepEqual([streamed!.status, streamed!.error], [200, 'RuntimeError']);
    });

    test('open-uri and its redirects are seen', async () => {
      assert.deepEqual(brief(await recorded('open-uri'), 'status'), [[302], [302], [200]]);
    });

    test('items of a queue are wanted from when they were put there, and say where', async () => {
      const ran = await recorded('queued');
      const exchanges = all(ran, 'exchange');
      const units = all(ran, 'unit').filter(({ type }) => type === 'queue-item');
      assert.equal(units.length, 4);
      for (const [at, exchange] of exchanges.entries()) {
        assert.equal(exchange.unit, units[at]!.id);
        assert.ok(exchange.wantedUs! <= exchanges[0]!.calledUs!, 'put before the first was called');
        const made = all(ran, 'stack').find(({ id }) => id === units[at]!.madeAt)!;
        assert.ok(made.frames.some(({ file, line }) => file === program('steps') && line > 1));
      }
      const limits = all(ran, 'environment').at(-1)!.limits!;
      assert.equal(limits.find(({ of }) => of === 'Queue workers')!.size, 1);
      assert.ok(all(ran, 'block').filter(({ wait }) => wait.kind === 'executor').length >= 2);
    });

    test('a connection that goes back into a queue is no work: its threads wanted their requests', async () => {
      const ran = await recorded('pool');
      const exchanges = all(ran, 'exchange').toSorted((one, other) => one.calledUs! - other.calledUs!);
      assert.deepEqual(
        exchanges.map(({ ordinal }) => ordinal),
        [0, 1, 2],
      );
      const first = Math.min(...exchanges.map(({ calledUs }) => calledUs!));
      for (const { wantedUs } of exchanges)
        assert.ok(Math.abs(wantedUs! - first) < 250_000, 'wanted when the threads were made');
      assert.ok(exchanges[2]!.calledUs! - exchanges[2]!.wantedUs! > 400_000);
    });

    test('waits are recorded with their stack, thread and unit', async () => {
      const ran = await recorded('waits');
      const [exchange] = all(ran, 'exchange');
      const frames = new Map(all(ran, 'stack').map(({ id, frames }) => [id, frames]));
      const blockOf = (kind: string) => all(ran, 'block').find(({ wait }) => wait.kind === kind);
      const read = blockOf('read')!;
      assert.deepEqual([read.thread, read.unit], [exchange!.thread, exchange!.unit]);
      assert.equal(frames.get(read.stack!)![0]!.function, 'wait_readable');
      const join = blockOf('join')!;
      assert.notEqual(join.thread, exchange!.thread);
      assert.deepEqual(
        [frames.get(join.stack!)![0]!.self, frames.get(join.stack!)![0]!.function],
        ['Thread', 'join'],
      );
      assert.ok(exchange!.calledUs! - exchange!.wantedUs! > 150_000, 'wanted since the thread was made');
    });

    test('a thread that computes is a block of CPU', async () => {
      const ran = await recorded('computes');
      const cpu = all(ran, 'block').filter(({ wait }) => wait.kind === 'cpu');
      assert.ok(cpu.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0) > 300_000);
    });

    test('gems, their versions and their places are known', async () => {
      const [environment] = all(await recorded('late'), 'environment');
      assert.equal(environment!.language, 'ruby');
      assert.ok(environment!.version.startsWith(version));
      const { where, version: of } = environment!.modules!.find(({ name }) => name === 'uri')!;
      assert.match(of!, /^\d+\.\d+/);
      assert.match(where!, /^\//);
    });

    for (const [how, exits] of [
      ['exit', 4],
      ['exit!', 4],
      ['abort', 1],
      ['raise', 1],
    ] as const)
      test(`the trace is whole at the end: ${how}`, async () => {
        const ran = await run([path, program('endings'), how], { env: { URL: `${server.httpUrl}/get` } });
        assert.equal(all(ran, 'exchange').length, 1);
        assert.equal(all(ran, 'end')[0]!.exitCode, exits);
      });

    test('each process of fork and spawn has a trace of its own', async () => {
      for (const how of ['fork', 'spawn']) {
        const ran = await run([path, program('endings'), how], { env: { URL: `${server.httpUrl}/get` } });
        assert.deepEqual(
          ran.traces.map((records) => records.filter(({ kind }) => kind === 'exchange').length),
          [1, 1],
        );
        const [parent, child] = all(ran, 'process');
        assert.equal(child!.parent, parent!.pid);
        assert.deepEqual(
          all(ran, 'exchange').map(({ pid, thread }) => [pid, thread]),
          [
            [parent!.pid, parent!.pid],
            [child!.pid, child!.pid],
          ],
        );
        assert.equal(all(ran, 'end').length, 2);
      }
    });

    test('what was under way is known when SIGKILL ends the program', async () => {
      const wrote = (stdout: string, pid: number) => {
        if (stdout.endsWith('ready\n')) setTimeout(() => process.kill(pid, 'SIGKILL'), 1500);
      };
      const ran = await run([path, program('endings')], { env: { URL: `${server.httpUrl}/get` }, wrote });
      assert.equal(ran.signal, 'SIGKILL');
      const [done, open] = all(ran, 'exchange');
      assert.equal(done!.status, 200);
      assert.deepEqual([typeof open!.sentUs, open!.answeredUs], ['number', null]);
      assert.ok(all(ran, 'block').some(({ wait, toUs }) => wait.kind === 'read' && toUs > open!.sentUs!));
    });
  });
