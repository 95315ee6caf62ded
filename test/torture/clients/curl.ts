import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Opinion } from '../case.ts';
import { digest } from '../digest.ts';
import { MAX_REDIRECTS } from '../profiles.ts';
import type { Question } from './undici.ts';

const AT_ONCE = 30;
const TOGETHER = 60;
/** Exit codes of a transfer that another one has ended. */
const NO_FAULT_OF_ITS_OWN: ReadonlySet<string> = new Set(['42', '43']);
/** It ended without a word. */
const SILENT: Opinion = { status: null, sha1: null, error: 'no word' };

/** The first line of `curl --version`; null where there is no curl that can do what is needed of it. */
export function curlVersion(): string | null {
  const { stdout, error } = spawnSync('curl', ['--version'], { encoding: 'utf8' });
  const version = error ? null : /^curl (\d+)\.(\d+)/.exec(stdout);
  // --write-out knows the exit code of each transfer since 7.75.
  const isNew = version && (Number(version[1]) > 7 || Number(version[2]) >= 75);
  return isNew ? stdout.split('\n')[0]! : null;
}

/** What curl makes of these. */
export async function askCurl(questions: readonly Question[]): Promise<ReadonlyMap<string, Opinion>> {
  const told = new Map<string, Opinion>();
  let left = questions;
  while (left.length > 0) {
    const some = await askTogether(left.slice(0, TOGETHER));
    for (const [id, opinion] of some) told.set(id, opinion);
    // One answer can end it before it has told of the others: who is first then is asked for alone.
    if (some.size === 0)
      told.set(left[0]!.id, (await askTogether(left.slice(0, 1))).get(left[0]!.id) ?? SILENT);
    left = left.filter(({ id }) => !told.has(id));
  }
  return told;
}

/** All in one process. */
async function askTogether(questions: readonly Question[]): Promise<ReadonlyMap<string, Opinion>> {
  const folder = mkdtempSync(join(tmpdir(), 'torture-curl-'));
  try {
    const curl = spawn('curl', ['--parallel', '--parallel-max', String(AT_ONCE), '--config', '-'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, HOME: folder },
    });
    curl.stdin.on('error', () => {});
    curl.stdin.end(
      questions.map((question, i) => section(question, join(folder, String(i)), i)).join('next\n'),
    );
    const lines = (await text(curl.stdout)).split('\n');
    return new Map(
      lines.flatMap((line) => {
        const [, i, exit, status] = /^#(\d+) (\d+) (\d+)$/.exec(line) ?? [];
        if (i === undefined || NO_FAULT_OF_ITS_OWN.has(exit!)) return [];
        return [[questions[Number(i)]!.id, opinion(Number(exit), Number(status), join(folder, i))] as const];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function section({ url, how }: Question, file: string, i: number): string {
  return [
    `url = "${url}"`,
    `output = "${file}"`,
    `write-out = "#${i} %{exitcode} %{http_code}\\n"`,
    'silent',
    'insecure',
    'globoff',
    'max-time = 8',
    'noproxy = "*"',
    ...(how === 'fetch' ? ['compressed', 'location', `max-redirs = ${MAX_REDIRECTS}`] : []),
    how === 'h2' ? 'http2' : 'http1.1',
    '',
  ].join('\n');
}

function opinion(exit: number, status: number, file: string): Opinion {
  if (exit !== 0) return { status: null, sha1: null, error: `exit code ${exit}` };
  return { status, sha1: digest(body(file)).sha1, error: null };
}

/** curl makes no file for an empty body. */
function body(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
