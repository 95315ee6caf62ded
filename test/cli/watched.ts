import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Verdict } from '../../src/diagnose/index.ts';
import { startServer } from '../../src/testserver/index.ts';
import { canTrace } from '../../src/watch/recorders/syscalls/index.ts';
import { abreast, folder, type How, type Outcome } from '../e2e/abreast.ts';

/** Why tests that need system calls are left out here; false where they run. */
export const NO_STRACE = canTrace().missing ?? false;

const PROGRAM = `
const [how, url, count] = process.argv.slice(2);
const get = (n) => fetch(url + (url.includes('?') ? '&' : '?') + 'n=' + n).then((answer) => answer.text());
const numbers = Array.from({ length: Number(count) }, (_, n) => n);
if (how === 'slow') for (const n of numbers) await get(n);
else await Promise.all(numbers.map(get));
console.log('done');
`;

/** A server, a folder with a program that asks it slowly or at once, and a cache of its own. */
export interface Place {
  readonly folder: string;
  /** Of an answer that takes 0.1 s. */
  readonly url: string;
  /** The command of the program; count of its requests. The fast one is answered once all of them are in flight, and then 0.3 s later. */
  program(how: 'slow' | 'fast', count?: number): string[];
  /** Runs abreast in the folder. */
  run(args: readonly string[], how?: How): Promise<Outcome>;
  /** Runs `abreast watch --json` and gives its verdict. */
  verdict(args: readonly string[], how?: How): Promise<Verdict>;
  /** The traces that were kept. */
  traces(): string[];
}

export async function place(t: TestContext): Promise<Place> {
  const server = await startServer();
  t.after(() => server.close());
  const at = folder();
  writeFileSync(join(at, 'program.mjs'), PROGRAM);
  const env = { XDG_CACHE_HOME: join(at, 'cache') };
  mkdirSync(env.XDG_CACHE_HOME);
  const url = `${server.httpUrl}/delay/0.1`;
  const run = (args: readonly string[], how: How = {}) =>
    abreast(args, { cwd: at, ...how, env: { ...env, ...how.env } });
  return {
    folder: at,
    url,
    program: (how, count = 6) => [
      process.execPath,
      'program.mjs',
      how,
      how === 'slow' ? url : `${server.httpUrl}/together/${count}?delay=0.3`,
      String(count),
    ],
    run,
    verdict: async (args, how) => JSON.parse((await run(['watch', '--json', ...args], how)).out),
    traces: () => {
      const kept = join(env.XDG_CACHE_HOME, 'abreast', 'traces');
      return readdirSync(kept).map((name) => join(kept, name));
    },
  };
}

/** All that a folder of text files holds. */
export function textOf(paths: readonly string[]): string {
  return paths.map((path) => readFileSync(path, 'utf8')).join('\n');
}
