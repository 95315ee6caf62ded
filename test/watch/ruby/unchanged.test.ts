import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startServer, type TestServer } from '../../../src/testserver/index.ts';
import { ruby } from '../../../src/watch/recorders/ruby/index.ts';
import { all, type Launch, program, run } from './program.ts';
import { NO_RUBY, rubies } from './rubies.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

const installed = rubies();
test('programs in Ruby are compared', { skip: installed.length === 0 && NO_RUBY }, () => {});

/** Runs a command without the probe and with it, and gives both without what differs in each run. */
async function both(command: readonly string[], launch: Launch = {}) {
  const env = { URL: `${server.httpUrl}/get`, ...launch.env };
  const plain = await run(command, { ...launch, env, probe: false });
  const watched = await run(command, { ...launch, env });
  const said = ({ stdout, stderr, exitCode, signal }: typeof plain) => ({
    stdout: stdout.replaceAll(/0x[0-9a-f]+/g, '0x'),
    stderr: stderr.replaceAll(/0x[0-9a-f]+/g, '0x'),
    exitCode,
    signal,
  });
  return { plain: said(plain), watched: said(watched), records: watched };
}

for (const { version, path } of installed)
  describe(`Ruby ${version}`, () => {
    for (const options of [[], ['-w'], ['--enable-frozen-string-literal'], ['--disable-gems']])
      test(`output, errors, exit code and what is loaded are those of the plain run ${options.join('')}`, async () => {
        const { plain, watched, records } = await both([
          path,
          ...options,
          program('behaviour'),
          'an argument',
        ]);
        assert.deepEqual(watched, plain);
        assert.equal(plain.exitCode, 3, plain.stderr);
        assert.ok(all(records, 'exchange').length >= 4);
      });

    test('a text after -e, a program on standard input and options of the user are taken as ever', async () => {
      for (const command of [
        [path, '-e', 'p __FILE__, $0, ARGV, $LOADED_FEATURES.size, 1.frozen?; warn "w"; exit false', 'one'],
        [path, '-ne', 'print', '/dev/null'],
        [path, '-ruri', '-e', 'p URI("http://h/").host, $LOADED_FEATURES.size'],
      ]) {
        const { plain, watched } = await both(command);
        assert.deepEqual(watched, plain);
      }
      const { plain, watched } = await both([path, '-e', 'p $VERBOSE, x = 1'], { env: { RUBYOPT: '-w' } });
      assert.deepEqual(watched, plain);
    });

    test('threads that all wait for each other end the program with the same words', async () => {
      const { plain, watched } = await both([path, program('deadlock')]);
      assert.match(plain.stderr, /No live threads left\. Deadlock\?/);
      assert.deepEqual(watched, { ...plain, stderr: watched.stderr });
      const comparable = (text: string) => text.replaceAll(/0x|int:\d|native:\S*/g, '');
      assert.equal(comparable(watched.stderr), comparable(plain.stderr));
    });

    for (const how of ['exit', 'exit!', 'abort', 'raise', 'fork', 'exec', 'spawn'])
      test(`it ends as without the probe: ${how}`, async () => {
        const { plain, watched } = await both([path, program('endings'), how]);
        assert.deepEqual(watched, plain);
      });

    for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const)
      test(`it ends as without the probe: ${signal}`, async () => {
        const wrote = (stdout: string, pid: number) =>
          stdout.endsWith('ready\n') && process.kill(pid, signal);
        const { plain, watched } = await both([path, program('endings')], { wrote });
        assert.equal(plain.signal, signal);
        assert.deepEqual(lines(watched), lines(plain));
      });

    test('a folder with a space in its name does not keep the probe out, nor stay where libraries are found', async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'abreast ruby '));
      t.after(() => rm(folder, { recursive: true }));
      const file = join(folder, 'abreast_probe.rb');
      await cp(ruby.file, file);
      const command = [path, '-e', 'p $LOAD_PATH, $LOADED_FEATURES'];
      const { plain, watched, records } = await both(command, { file });
      assert.deepEqual(watched, plain);
      assert.equal(records.traces.length, 1);
    });

    test('without ABREAST_TRACE the probe does nothing', async () => {
      const code =
        'p Thread.instance_method(:initialize).source_location, Queue.instance_method(:push).source_location';
      const env = { RUBYOPT: `-r${ruby.file}` };
      const { stdout } = await run([path, '-e', code], { env, probe: false });
      assert.equal(stdout, 'nil\nnil\n');
    });

    test('a trace that can not be written is no trouble of the program', async () => {
      const env = {
        RUBYOPT: `-r${ruby.file}`,
        ABREAST_TRACE: '/nowhere/at/all/%p',
        URL: `${server.httpUrl}/get`,
      };
      const { stdout, stderr, exitCode } = await run([path, program('endings'), 'exit'], {
        env,
        probe: false,
      });
      assert.deepEqual([stdout, stderr, exitCode], ['', '', 4]);
    });
  });

/** Where a signal finds a program differs from run to run. */
function lines({
  stdout,
  stderr,
  signal,
}: {
  stdout: string;
  stderr: string;
  signal: NodeJS.Signals | null;
}) {
  return { stdout, signal, told: stderr.split('\n').at(0)?.replace(/^.*: /, '') };
}

test('options that keep the probe out are reported, with what to do', () => {
  for (const option of ['--disable=rubyopt', '--disable-rubyopt', '--disable=gems,rubyopt', '--disable-all'])
    assert.match(ruby.hindrance(['ruby', '-w', option, 'a.rb'])!, new RegExp(`leave ${option} out$`));
  for (const command of [
    ['ruby', 'a.rb', '--disable-all'],
    ['ruby', '--disable-gems', 'a.rb'],
    ['python', '--disable-all'],
  ])
    assert.equal(ruby.hindrance(command), undefined);
});
