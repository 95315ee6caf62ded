import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { refused, StoreError } from './error.ts';

/** A run that was just killed may take this long to be gone, and is not worth a refusal. */
const PATIENCE_MS = 1500;
const LOOK_AGAIN_MS = 100;

/** Who holds a lock: a process is known by its number, its machine and its start, since numbers are used again. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly born: string | null;
}

/** What is said of a lock that another run has. */
export interface LockWords {
  /** What is locked, as its user knows it; the path, when it is left out. */
  readonly shown?: string;
  /** What else its user can do. */
  readonly instead: string;
}

const OF_A_FILE: LockWords = { instead: 'give another -o' };

/**
 * Locks `path` for this process by a file beside it, `path.lock`. One whose holder is gone is taken over.
 * Returns what unlocks it. @throws StoreError when another run has it, or there can be no lock file.
 */
export async function lock(
  path: string,
  { shown, instead }: LockWords = OF_A_FILE,
): Promise<() => Promise<void>> {
  const file = `${path}.lock`;
  const mine = `${file}.${process.pid}`;
  const self: Holder = { pid: process.pid, host: hostname(), born: bornAt(process.pid) };
  try {
    await writeFile(mine, JSON.stringify(self), { mode: 0o600 });
    const patientUntil = Date.now() + PATIENCE_MS;
    while (!(await linked(mine, file))) {
      const holder = await removeStale(file);
      if (holder === null) continue;
      if (Date.now() > patientUntil) throw lockedBy(holder, path, shown ?? path, instead);
      await sleep(LOOK_AGAIN_MS);
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw refused(`${path}: it can't be locked`, error);
  } finally {
    await rm(mine, { force: true });
  }
  return () => rm(file, { force: true });
}

/** Whether a run that is alive holds the lock of `path`. */
export async function isLocked(path: string): Promise<boolean> {
  const text = await readIfThere(`${path}.lock`);
  const holder = text === null ? null : parseHolder(text);
  return holder !== null && isAlive(holder);
}

/** A link appears whole or not at all, and never over another. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Returns who holds the lock, or null where nobody does any more. */
async function removeStale(file: string): Promise<Holder | null> {
  const text = await readIfThere(file);
  if (text === null) return null;
  const holder = parseHolder(text);
  if (holder !== null && isAlive(holder)) return holder;
  // Moved away first: if another run has taken over meanwhile, its lock is put back.
  const aside = `${file}.${process.pid}.stale`;
  await rename(file, aside).catch(ignoreMissing);
  const moved = await readIfThere(aside);
  if (moved !== null && moved !== text) await linked(aside, file);
  await rm(aside, { force: true });
  return null;
}

function lockedBy(holder: Holder, path: string, shown: string, instead: string): StoreError {
  return new StoreError(
    'locked',
    `${shown}: another run writes to it (process ${holder.pid} on ${holder.host}). ` +
      `Wait for it, or ${instead}. If that run is surely gone, remove ${path}.lock.`,
  );
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return holder.born === bornAt(holder.pid);
}

/** When a process began, in clock ticks since boot (proc(5), field 22 of stat); null where there is no /proc. */
function bornAt(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(ignoreMissing);
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

function parseHolder(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}
