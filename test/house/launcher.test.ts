import assert from 'node:assert/strict';
import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { lay, temporaryFolder } from '../folder.ts';
import { makeCheckout } from './checkout.ts';

const TELLS_ALL = `
  const chunks: string[] = [];
  for await (const chunk of process.stdin) chunks.push(String(chunk));
  console.log(JSON.stringify({ args: process.argv.slice(2), stdin: chunks.join(''), version: process.versions.node, pid: process.pid }));
  console.error('to standard error');
  process.exitCode = 3;`;

const WAITS = `
  let interrupts = 0;
  process.on('SIGINT', () => console.log('interrupt ' + ++interrupts));
  console.log('ready ' + process.pid);
  setInterval(() => {}, 1000);`;

/** Makes a launcher believe that the Node it runs under is an older one; does not reach its child. */
function olderNode(t: TestContext, version = '20.18.0'): string[] {
  const folder = temporaryFolder(t);
  lay(folder, { 'older.cjs': `Object.defineProperty(process.versions, 'node', { value: '${version}' });` });
  return ['--require', join(folder, 'older.cjs')];
}

/** A program that WAITS, under its launcher: both are gone when the test is. */
async function launch(t: TestContext, command: string, args: readonly string[], options: SpawnOptions = {}) {
  const launcher = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  const lines = createInterface({ input: launcher.stdout! })[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value).trim();
  const pid = Number((await line()).replace('ready ', ''));
  t.after(() => {
    for (const left of [pid, launcher.pid!]) if (isRunning(left)) process.kill(left, 'SIGKILL');
  });
  return { launcher, pid, line };
}

for (const node of ['a new Node', 'an old Node'] as const) {
  const nodeArgs = (t: TestContext) => (node === 'an old Node' ? olderNode(t) : []);

  test(`on ${node} the program gets its arguments and streams, and gives its exit code`, (t) => {
    const command = join(makeCheckout(t, TELLS_ALL), 'bin/abreast');
    const args = ['get', '--header', 'a b', ''];
    const { pid, status, stdout, stderr } = spawnSync(process.execPath, [...nodeArgs(t), command, ...args], {
      input: 'from the pipe',
      encoding: 'utf8',
    });
    const told = JSON.parse(stdout);
    assert.deepEqual(told.args, args);
    assert.equal(told.stdin, 'from the pipe');
    assert.equal(stderr, 'to standard error\n');
    assert.equal(status, 3);
    assert.equal(told.version, process.versions.node);
    assert.equal(told.pid === pid, node === 'a new Node');
  });

  test(`on ${node} a signal that ends the program ends the launcher`, async (t) => {
    const command = join(makeCheckout(t, WAITS), 'bin/abreast');
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
      const { launcher, pid } = await launch(t, process.execPath, [...nodeArgs(t), command]);
      process.kill(pid, signal);
      assert.deepEqual(await once(launcher, 'exit'), [null, signal]);
    }
  });

  test(`on ${node} nothing is left running when the launcher is ended, by kill -9 too`, async (t) => {
    const command = join(makeCheckout(t, WAITS), 'bin/abreast');
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
      const { launcher, pid } = await launch(t, process.execPath, [...nodeArgs(t), command]);
      launcher.kill(signal);
      assert.deepEqual(await once(launcher, 'exit'), [null, signal]);
      await ended(pid);
    }
  });

  test(`on ${node} an interrupt from outside a terminal reaches the program once`, async (t) => {
    const command = join(makeCheckout(t, WAITS), 'bin/abreast');
    const { launcher, line } = await launch(t, process.execPath, [...nodeArgs(t), command], {
      detached: true,
    });
    launcher.kill('SIGINT');
    assert.equal(await line(), 'interrupt 1');
    launcher.kill('SIGINT');
    assert.equal(await line(), 'interrupt 2');
  });

  const noScript = existsSync('/usr/bin/script') ? false : 'needs script(1): apt-get install bsdutils';
  test(`on ${node} Ctrl-C at a terminal reaches the program once`, { skip: noScript }, async (t) => {
    const command = join(makeCheckout(t, WAITS), 'bin/abreast');
    const commandLine = [process.execPath, ...nodeArgs(t), command].join(' ');
    const { launcher: terminal, line } = await launch(t, 'script', ['-qec', commandLine, '/dev/null']);
    for (let typed = 1; typed <= 3; typed++) {
      terminal.stdin!.write('\x03');
      assert.equal(await line(), `^Cinterrupt ${typed}`);
      // Of two signals that arrive close together the kernel makes one.
      await setTimeout(100);
    }
  });
}

test('the command works through a link from another folder', (t) => {
  const checkout = makeCheckout(t, `console.log('here')`);
  const elsewhere = temporaryFolder(t);
  symlinkSync(join(checkout, 'bin/abreast'), join(elsewhere, 'abreast'));
  const { stdout } = spawnSync(join(elsewhere, 'abreast'), { cwd: elsewhere, encoding: 'utf8' });
  assert.equal(stdout, 'here\n');
});

test('a program that is built runs where there is no source', (t) => {
  const folder = makeCheckout(t, `console.log('built')`, 'package');
  const { stdout } = spawnSync(process.execPath, [join(folder, 'bin/abreast')], { encoding: 'utf8' });
  assert.equal(stdout, 'built\n');
});

for (const [version, good] of [
  ['22.19.0', true],
  ['24.0.0', true],
  ['22.18.0', false],
  ['8.17.0', false],
] as const) {
  test(`an installed package ${good ? 'runs' : 'is refused in one line'} on Node ${version}`, (t) => {
    const folder = makeCheckout(t, `console.log('built')`, 'package');
    const args = [...olderNode(t, version), join(folder, 'bin/abreast')];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, good ? 0 : 2);
    assert.equal(stdout, good ? 'built\n' : '');
    assert.match(stderr, good ? /^$/ : /^abreast: Node 22\.19 or newer is needed; \S+ is [\d.]+\n$/);
  });
}

test('a checkout in which nothing is installed says what to type', (t) => {
  const checkout = makeCheckout(t, '');
  rmSync(join(checkout, 'node_modules'), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'bin/abreast')], {
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.equal(stderr, `abreast: nothing is installed in ${checkout} yet: run \`npm start\` there first\n`);
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<void> {
  for (let tries = 0; isRunning(pid); tries++) {
    assert.ok(tries < 500, `${pid} runs on`);
    await setTimeout(10);
  }
}
