import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import {
  execute,
  type How,
  type Job,
  openParts,
  type PartsOptions,
  type Took,
  WorkerRecords,
} from '../../src/execute/index.ts';
import { nowUs, RunRecorder } from '../../src/record/index.ts';
import type { StoredResult } from './stored.ts';

export const HOW: How = {
  options: { concurrency: 50, perOrigin: [] },
  good: { status: [[200, 299]], contentType: null },
  pages: null,
  cache: null,
};

export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-execute-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function rowsOf(count: number, urlOf: (index: number) => string) {
  return Array.from({ length: count }, (_, index) => ({
    index,
    data: { id: index },
    url: urlOf(index),
    headers: {},
    credentials: [] as string[],
    secrets: [] as string[],
  }));
}

/** Runs what is not done of `jobs` in a folder. */
export async function run(
  folder: string,
  jobs: readonly Job[],
  how: Partial<How> = {},
  options: PartsOptions = { dropFailed: false },
  workers = 1,
) {
  const parts = await openParts(join(folder, 'parts'), options);
  const tracePath = join(folder, 'trace.jsonl.zst');
  const recorder = { name: 'test', version: '0' };
  const own = new RunRecorder({ tracePath, wanted: 50, recorder, command: ['test'] });
  const startedUs = nowUs();
  await own.open(startedUs);
  const tooks: Took[] = [];
  const undone = jobs.filter(({ index }) => !parts.done.has(index));
  const execution = execute(
    { jobs: each(undone), count: undone.length, workers, parts, how: { ...HOW, ...how } },
    { records: new WorkerRecords(own, startedUs), took: (took) => tooks.push(took) },
  );
  const executed = await execution.finished;
  const { verdict } = await own.close();
  const trace = zstdDecompressSync(readFileSync(tracePath)).toString('utf8');
  return { executed, verdict, tooks, lines: linesOf(folder), trace };
}

/** All lines of all parts. */
export function linesOf(folder: string): StoredResult[] {
  const parts = join(folder, 'parts');
  return readdirSync(parts).flatMap((name) =>
    readFileSync(join(parts, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  );
}

async function* each(jobs: readonly Job[]): AsyncGenerator<Job> {
  yield* jobs;
}
