/** The picture of `abreast watch` in README.md: what it really shows of a slow script, as an animation. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { startServer } from '../../src/testserver/index.ts';
import { animationOf, type Frame, framesOf } from './animation.ts';
import { PYTHON, type Recording } from './terminal.ts';

const COLUMNS = 84;
const ROWS = 40;
/** As the reader would have it. */
const COMMAND = 'abreast watch --live python report.py';
const ABREAST = new URL('../../bin/abreast', import.meta.url).pathname;

/** Ten threads, and a lock that is held across each request. */
const PROGRAM = `import sys, threading, urllib.request
lock = threading.Lock()
def get(page):
    with lock:
        urllib.request.urlopen(sys.argv[1] + '/delay/0.4?page=%d' % page).read()
threads = [threading.Thread(target=get, args=(page,)) for page in range(10)]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

/** Writes docs/pictures/watch.svg. */
export async function watchPicture(): Promise<void> {
  if (PYTHON === undefined) throw new Error('this picture needs python3');
  const folder = mkdtempSync(join(tmpdir(), 'srv-'));
  const server = await startServer();
  try {
    writeFileSync(join(folder, 'report.py'), PROGRAM);
    const recording = await record(folder, [PYTHON, join(folder, 'report.py'), server.httpUrl!]);
    const shown = recording.map(([atMs, text]) => [atMs, text.replaceAll(folder, '/srv')] as const);
    const frames = withoutWait(framesOf(shown, isOfVerdict));
    const title =
      'abreast watch shows the requests of a slow script while it runs, then why they came one after another';
    writeFileSync('docs/pictures/watch.svg', animationOf(COMMAND, frames, COLUMNS, title));
    console.log(`docs/pictures/watch.svg  ${frames.length} frames`);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
}

/** The program begins with its start, in which nothing is to be seen. */
function withoutWait(frames: readonly Frame[]): readonly Frame[] {
  const first = frames.findIndex(({ lines }) => lines.length > 2);
  const cutMs = Math.max(0, (frames[first]?.atMs ?? 0) - BEGINNING_MS);
  return frames.filter(({ atMs }) => atMs >= cutMs).map(({ atMs, lines }) => ({ atMs: atMs - cutMs, lines }));
}

const BEGINNING_MS = 600;

/** What comes below the cause is in docs/watch.md. */
function isOfVerdict(_line: string, at: number, all: readonly string[]): boolean {
  const end = all.findIndex((line) => line.startsWith('mean number of requests'));
  return end === -1 || at < end - 1;
}

/** In another thread, as this one serves the requests. */
function record(folder: string, program: readonly string[]): Promise<Recording> {
  const command = [process.execPath, ABREAST, 'watch', '--live', '--', ...program];
  const env = { XDG_CACHE_HOME: folder, NO_COLOR: '', FORCE_COLOR: '' };
  const worker = new Worker(new URL('./record-worker.ts', import.meta.url), {
    workerData: { command, columns: COLUMNS, rows: ROWS, file: join(folder, 'recording.json'), env },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
