import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { begin, end, folder, parsed } from './abreast.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.close());

const skip = process.platform === 'linux' ? false : 'memory is read from /proc: run on Linux';

/** The most that a process held at any time, in megabytes, looked at every few milliseconds. */
function watchMemory({ pid }: ChildProcess): () => number {
  let peakMb = 0;
  const timer = setInterval(() => {
    try {
      const kb = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      peakMb = Math.max(peakMb, Number(kb ?? 0) / 1024);
    } catch {
      clearInterval(timer); // it has ended
    }
  }, 10);
  return () => {
    clearInterval(timer);
    return peakMb;
  };
}

async function fetchBombs(count: number, megabytes: number, options: readonly string[]) {
  const cwd = folder();
  const url = `${server.httpUrl}/fault/gzip-bomb?megabytes=${megabytes}`;
  const child = begin(['get', url, '-n', `${count}`, '-o', 'o.jsonl', '--bodies', 'none', ...options], {
    cwd,
  });
  const peakMb = watchMemory(child);
  const { code, err } = await end(child);
  assert.equal(code, 0, err);
  assert.equal(parsed(readFileSync(`${cwd}/o.jsonl`, 'utf8')).length, count);
  return peakMb();
}

test('bodies that swell do not add up, two at a time', { skip }, async () => {
  const peakMb = await fetchBombs(120, 20, ['-c', '2']);
  assert.ok(peakMb < 400, `${peakMb} MB`);
});

test('all bodies together stay near --max-memory, however many are in flight', { skip }, async () => {
  const peakMb = await fetchBombs(60, 20, ['-c', '60', '--max-memory', '40MB']);
  assert.ok(peakMb < 400, `${peakMb} MB`);
});
