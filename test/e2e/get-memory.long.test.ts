import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { begin, end, folder, shell } from './abreast.ts';

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

async function peakMbOf(url: string, count: number, options: readonly string[]): Promise<number> {
  const cwd = folder();
  const args = ['get', url, '-n', `${count}`, '-o', 'o.jsonl', '--bodies', 'none', ...options];
  const child = begin(args, { cwd });
  const peakMb = watchMemory(child);
  const { code, err } = await end(child);
  assert.equal(code, 0, err);
  assert.equal(linesIn(readFileSync(`${cwd}/o.jsonl`)), count);
  return peakMb();
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

const bomb = () => `${server.httpUrl}/fault/gzip-bomb?megabytes=20`;

test('bodies that swell do not add up, two at a time', { skip }, async () => {
  const peakMb = await peakMbOf(bomb(), 120, ['-c', '2']);
  assert.ok(peakMb < 400, `${peakMb} MB`);
});

test('all bodies together stay near --max-memory, however many are in flight', { skip }, async () => {
  const peakMb = await peakMbOf(bomb(), 60, ['-c', '60', '--max-memory', '40MB']);
  assert.ok(peakMb < 400, `${peakMb} MB`);
});

test('many small answers do not add up', { skip }, async () => {
  const peakMb = await peakMbOf(`${server.httpUrl}/status/204`, 200_000, ['-c', '100']);
  assert.ok(peakMb < 220, `${peakMb} MB`);
});

test('memory stays flat: 50,000 URLs from a pipe need no more than a multiple of 20,000 would', {
  skip,
}, async () => {
  const line = (count: number) =>
    `seq ${count} | sed 's#^#${server.httpsUrl}/bytes/100?#' | $abreast get - -k -c 200 -o /dev/null -q & ` +
    'while kill -0 $! 2>/dev/null; do cat /proc/$!/status 2>/dev/null | grep VmHWM; sleep 0.1; done | tail -1; wait $!';
  const peakMb = async (count: number) => Number(/(\d+) kB/.exec((await shell(line(count))).out)![1]) / 1024;
  const few = await peakMb(20_000);
  const many = await peakMb(50_000);
  assert.ok(many < 300, `${many} MB`);
  assert.ok(many < few * 1.5, `${few} MB for 20,000, ${many} MB for 50,000`);
});
