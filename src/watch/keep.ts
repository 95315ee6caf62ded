import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/** How many traces are kept of runs without --trace. */
const KEPT = 10;

/** Where traces are kept (XDG Base Directory Specification: what can be made again). */
export function traceFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const cache = environment.XDG_CACHE_HOME;
  return join(cache?.startsWith('/') ? cache : join(homedir(), '.cache'), 'abreast', 'traces');
}

/**
 * The path of a new trace in the folder, which is made if need be; the oldest ones over the last ten are removed.
 * @throws what the file system throws
 */
export function newTrace(folder: string, command: readonly string[], at = new Date()): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const old = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort();
  for (const name of old.slice(0, Math.max(0, old.length - (KEPT - 1)))) {
    rmSync(join(folder, name));
    rmSync(join(folder, name.replace(/\.jsonl$/, '.html')), { force: true }); // its page (`abreast view`)
  }
  const when = at.toISOString().replace(/[-:]/g, '').replace('.', '');
  const what = basename(command[0] ?? '').replace(/[^\w.-]/g, '') || 'program';
  return join(folder, `${when}-${what}-${process.pid}.jsonl`);
}

/** The trace of the newest run in the folder that was kept; undefined where there is none. */
export function newestTrace(folder: string): string | undefined {
  const kept = existsSync(folder) ? readdirSync(folder).filter((name) => NAME.test(name)) : [];
  const newest = kept.sort().at(-1);
  return newest === undefined ? undefined : join(folder, newest);
}

const NAME = /^\d{8}T\d{9}Z-.*\.jsonl$/;
