import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { environment } from '../watch/python/environments.ts';
import { program } from '../watch/python/program.ts';
import { place } from './watched.ts';

/** Runs a program that wants N answers, two at a time, under watch --try. */
async function tried(t: TestContext, name: string, file: string, env: Record<string, string>) {
  const made = environment(name);
  if ('skip' in made) return void t.skip(made.skip);
  const { folder, url, run } = await place(t);
  const verdict = join(folder, 'verdict.json');
  const { err } = await run(
    ['watch', '--try', '--yes', '--no-syscalls', '--json-file', verdict, '--', made.path, program(file)],
    { env: { URL: url.replace('/0.1', '/0.5'), N: '8', ...env } },
  );
  const [first] = JSON.parse(readFileSync(verdict, 'utf8')).tried;
  assert.notEqual(first, undefined, err);
  return first as {
    text: string;
    outcome: string;
    before: { inFlight: number };
    after: { inFlight: number };
  };
}

/** What a verdict has to name so that the probe finds it again, by the function of limited.py. */
const LIMITS = {
  eventlet_semaphore: /^eventlet\.semaphore\.Semaphore is 8 instead of 2$/,
  anyio_semaphore: /^anyio\.Semaphore is 8 instead of 2$/,
  process_pool: /^ProcessPoolExecutor max_workers is 8 instead of 2$/,
} as const;

describe('watch --try finds what the verdict names, and raises it', () => {
  for (const [limit, text] of Object.entries(LIMITS))
    it(limit, async (t) => {
      const first = await tried(t, 'py312', 'limited', { LIMIT: limit });
      if (first === undefined) return;
      assert.match(first.text, text);
      assert.ok(['helped', 'no help'].includes(first.outcome), first.outcome); // a busy machine may eat the gain
    });

  it('the 40 threads of anyio', async (t) => {
    const first = await tried(t, 'py312', 'limited', { LIMIT: 'anyio_threads', N: '80' });
    if (first !== undefined) assert.match(first.text, /^anyio default thread limiter is 80 instead of 40$/);
  });

  it('curl_cffi', async (t) => {
    const first = await tried(t, 'curl312', 'curl_cffi_gather', { CLIENTS: '2' });
    if (first === undefined) return;
    assert.match(first.text, /^curl_cffi AsyncSession max_clients is 8 instead of 2$/);
    assert.equal(first.outcome, 'helped');
  });
});
