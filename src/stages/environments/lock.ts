import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Say } from '../place.ts';

const AGAIN_MS = 200;

let tries = 0;

/**
 * Does some work while no other process does it: one that holds the lock is waited for, unless it has died. The lock
 * is a file with the number of the process that holds it, which is there whole or not at all.
 */
export async function locked<T>(
  file: string,
  say: Say,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${file}.${process.pid}.${tries++}`;
  writeFileSync(own, `${process.pid}`);
  try {
    for (let told = false; !take(own, file); ) {
      if (breakStale(file, `${own}.stale`)) continue;
      if (!told && !isOurs(file)) say(`waiting for another abreast, which makes the same (${file})`);
      told = true;
      await sleep(AGAIN_MS, undefined, { signal });
    }
  } finally {
    rmSync(own);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock of a process that has died. What was moved away is looked at again: it may be a new one. */
function breakStale(file: string, aside: string): boolean {
  if (!isStale(file)) return false;
  try {
    renameSync(file, aside);
    if (!isStale(aside)) linkSync(aside, file);
  } catch {
    // somebody else was quicker
  }
  rmSync(aside, { force: true });
  return true;
}

function isOurs(file: string): boolean {
  return holderOf(file) === process.pid;
}

function isStale(file: string): boolean {
  const holder = holderOf(file);
  if (holder === null) return false;
  try {
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** null: the lock no longer exists. */
function holderOf(file: string): number | null {
  try {
    return Number(readFileSync(file, 'latin1'));
  } catch {
    return null;
  }
}
