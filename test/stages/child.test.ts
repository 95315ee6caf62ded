import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, start } from '../../src/stages/child.ts';
import { temporaryFolder } from '../folder.ts';

test('both outputs are kept, and told line by line', async () => {
  const lines: string[] = [];
  const ended = await run(['sh', '-c', 'echo out; echo err >&2; exit 3'], {
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual(ended, { code: 3, signal: null, out: 'out', err: 'err' });
  assert.deepEqual(lines.sort(), ['err', 'out']);
});

test('a command that is stopped takes all with it that it started', async (t) => {
  const file = join(temporaryFolder(t), 'pid');
  const stop = new AbortController();
  const running = run(['sh', '-c', `sleep 60 & echo $! > ${file}; wait`], { signal: stop.signal });
  const grandchild = await pidIn(file);
  stop.abort();
  await assert.rejects(running, { name: 'AbortError' });
  await gone(grandchild);
});

test('what a command leaves behind ends with it', async (t) => {
  const file = join(temporaryFolder(t), 'pid');
  await run(['sh', '-c', `sleep 60 >&- 2>&- & echo $! > ${file}`]);
  await gone(await pidIn(file));
});

test('one that does not listen to SIGTERM is ended all the same', async () => {
  const child = start(['sh', '-c', "trap '' TERM; while :; do sleep 1; done"]);
  await sleep(200);
  child.stop();
  assert.equal((await child.ended).signal, 'SIGKILL');
});

test('a command that is not there is an error', async () => {
  await assert.rejects(run(['/nowhere/python']), { code: 'ENOENT' });
});

async function pidIn(file: string): Promise<number> {
  while (!existsSync(file) || !readFileSync(file, 'latin1').includes('\n')) await sleep(20);
  return Number(readFileSync(file, 'latin1'));
}

/** Waits for its end: the test's own time is the limit. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    if (/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return;
    await sleep(20);
  }
}
