import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PYTHON, type recordTerminal, Screen } from '../../scripts/pictures/terminal.ts';
import { LiveBlock, liveLines } from '../../src/view/index.ts';
import { NO_STRACE, place } from './watched.ts';

const ABREAST = new URL('../../bin/abreast', import.meta.url).pathname;

test('watch --live says in plain lines how it stands where standard error is no terminal', {
  skip: NO_STRACE,
}, async (t) => {
  const { run, program } = await place(t);
  const { code, out, err } = await run(['watch', '--live', '--', ...program('slow')]);
  assert.deepEqual([code, out], [0, 'done\n'], 'the output of the program is its own');
  assert.match(err, /^[\d.]+ m?s · 6 done · 0 in flight(, at most \d+)? · 0 failed$/m);
  assert.ok(!err.includes('\u001b'));
});

test('it counts what a probe alone has seen', async (t) => {
  const { run, program } = await place(t);
  const { err } = await run(['watch', '--live', '--no-syscalls', '--', ...program('fast')]);
  assert.match(err, / · 6 done · 0 in flight.* · 0 failed$/m);
});

test('on a terminal, counters and bars are drawn in place, below what the program prints, and leave nothing behind', {
  skip: NO_STRACE || (PYTHON === undefined && 'needs python3'),
}, async (t) => {
  const { folder, program } = await place(t);
  const env = { XDG_CACHE_HOME: folder, NO_COLOR: '' };
  // The server is in this process, so the terminal has to be in another one.
  const { Worker } = await import('node:worker_threads');
  const command = [process.execPath, ABREAST, 'watch', '--live', '--', ...program('slow', 12)];
  const worker = new Worker(new URL('./terminal-worker.ts', import.meta.url), {
    workerData: { command, cwd: folder, file: join(folder, 'recording.json'), env },
  });
  const { recording, code } = await new Promise<ReturnType<typeof recordTerminal>>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  assert.equal(code, 0);
  const screen = new Screen();
  let mostBars = 0;
  for (const [, text] of recording) {
    screen.write(text);
    const shown = screen.text();
    assert.ok(shown.match(/ in flight/g)?.length ?? 0 <= 1, 'the counters are drawn once');
    if (/in flight.*failed$/m.test(shown))
      mostBars = Math.max(mostBars, shown.match(/^GET .*█/gm)?.length ?? 0);
  }
  assert.ok(mostBars > 0 && mostBars <= 10, `${mostBars} bars`);
  assert.match(screen.text(), /^done\n\w+: 12 /, 'then the verdict, and no counters above it');
});

test('what is drawn is no wider and no higher than the terminal, and without colours where NO_COLOR is set', () => {
  let written = '';
  const stream = Object.assign(Object.create(process.stderr), {
    columns: 50,
    rows: 9,
    isTTY: true,
    write: (text: string) => {
      written += text;
      return true;
    },
  });
  const exchanges = Array.from({ length: 30 }, (_, id) => ({
    kind: 'exchange' as const,
    id,
    method: 'GET',
    origin: 'https://example.com',
    url: `https://example.com/${'a'.repeat(90)}`,
    wantedUs: 1_000 * id,
    sentUs: 2_000 * id,
  }));
  const run = { elapsedMs: 99_000, done: 1, failed: 0, inFlight: 30, mostInFlight: 30, exchanges };
  const lines = liveLines(run, stream);
  assert.ok(lines.length <= 7, `${lines.length} lines`);
  const screen = new Screen();
  const block = new LiveBlock(stream);
  block.draw(lines);
  block.draw(lines);
  screen.write(written.replaceAll('\n', '\r\n')); // as a terminal does
  assert.equal(
    screen.text().trimEnd().split('\n').length,
    lines.length,
    'the second is drawn over the first',
  );
  assert.deepEqual(
    screen
      .text()
      .split('\n')
      .filter((line) => line.length >= 50),
    [],
  );
  block.erase();
  const erased = new Screen();
  erased.write(written.replaceAll('\n', '\r\n'));
  assert.equal(erased.text(), '');
});
