import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { temporaryFolder } from '../folder.ts';
import { ROOT } from './checkout.ts';

function start(t: TestContext, folder: string, count: number): ChildProcess {
  const child = spawn(process.execPath, [join(ROOT, 'scripts/start.ts'), `${count}`], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

test('npm start runs a report, proves from both sides how concurrent it was, and leaves its files', async (t) => {
  const folder = temporaryFolder(t);
  const child = start(t, folder, 1000);
  const [out, err] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  assert.equal(child.exitCode, 0, err);

  const sides = [...out.matchAll(/^ {2}(client|server) +([\d,]+) +([\d.]+) +(\d+)$/gm)];
  assert.deepEqual(
    sides.map(([, side, answered]) => [side, answered]),
    [
      ['client', '1,000'],
      ['server', '1,000'],
    ],
  );
  // One after the other would be 1; a quiet machine has more than 90.
  for (const [line, , , mean, max] of sides) assert.ok(Number(mean) > 10 && Number(max) <= 100, line);
  assert.match(
    out,
    /^slowest\nservice +gets +good +p50_ms +p99_ms\n(service-\d{3} +2 +2 .*\n){5}/m,
    'the table',
  );
  assert.match(err, /check every answer is of its row: ok\n/);
  const files = [...out.matchAll(/^ +[\d,]+ kB {2}(.*)$/gm)].map(([, file]) => file!);
  assert.equal(files.length, 3);
  for (const file of files) assert.ok(existsSync(join(folder, file)), file);
  const services = readFileSync(join(folder, files[0]!), 'utf8').trimEnd().split('\n');
  assert.equal(services.length, 501);
  assert.match(out, /Try next:\n.*bin\/abreast.*\n.*bin\/abreast.*\n.*bin\/abreast.*\n$/);
});

const noProc = existsSync('/proc/self/task') ? false : 'needs Linux: reads /proc for what is left running';
for (const [signal, code] of [
  ['SIGINT', 3],
  ['SIGTERM', 3],
  ['SIGKILL', null],
] as const) {
  test(`npm start ended by ${signal} leaves nothing running`, { skip: noProc }, async (t) => {
    const folder = temporaryFolder(t);
    const child = start(t, folder, 10_000);
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    for (;;) {
      const { value, done } = await lines.next();
      assert.ok(!done, 'it ended before it began');
      if (String(value).includes('abreast report')) break;
    }
    while (globSync('out/.abreast/talk/*/parts/*/*.jsonl', { cwd: folder }).length === 0)
      await setTimeout(50);
    await setTimeout(500);
    const under = childrenOf(child.pid!);
    t.after(() => under.filter(isRunning).forEach((pid) => void process.kill(pid, 'SIGKILL')));
    assert.equal(under.length, 2, 'the server and the client');

    child.kill(signal);
    await once(child, 'exit');
    assert.equal(child.exitCode, code);
    for (let tries = 0; under.some(isRunning) && tries < 200; tries++) await setTimeout(10);
    assert.deepEqual(under.filter(isRunning), []);
  });
}

test('npm start refuses a count that is none', async (t) => {
  const child = start(t, temporaryFolder(t), Number.NaN);
  const [err] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  assert.equal(err, "start: 'NaN' is no number of GETs; `npm start` alone does 10,000\n");
  assert.equal(child.exitCode, 2);
});

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
