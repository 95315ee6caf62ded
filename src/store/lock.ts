import { readFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
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
  /** What else its user can do; 'give another -o', when it is left out. */
  readonly instead?: string;
}

/**
 * Locks `path` for this process by a file beside it, `path.lock`. One whose holder is gone is taken over.
 * Returns what unlocks it. @throws StoreError when another run has it, or there can be no lock file.
 */
export async function lock(
  path: string,
  { shown = path, instead = 'give another -o' }: LockWords = {},
): Promise<() => Promise<void>> {
  const file = `${path}.lock`;
  const self: Holder = { pid: process.pid, host: hostname(), born: bornAt(process.pid) };
  try {
    const patientUntil = Date.now() + PATIENCE_MS;
    while (!(await created(file, JSON.stringify(self)))) {
      if (await removeStale(file)) continue;
      if (Date.now() > patientUntil) throw await locked(path, shown, instead);
      await sleep(LOOK_AGAIN_MS);
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw refused(`${path}: it can't be locked`, error);
  }
  return () => rm(file, { force: true });
}

/** Whether a run that is alive holds the lock of `path`. */
export async function isLocked(path: string): Promise<boolean> {
  const text = await readIfThere(`${path}.lock`);
  const holder = text === null ? null : parseHolder(text);
  return holder !== null && isAlive(holder);
}

/** Writes a file that is not there yet; false where it is. Hard links would do it in one step, and not on every disk. */
async function created(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    await rm(file, { force: true }); // made, and no room for its text
    throw error;
  }
}

/** Removes a lock whose holder is gone; false where somebody holds it. */
async function removeStale(file: string): Promise<boolean> {
  const text = await readIfThere(file);
  if (text === null) return true;
  const holder = parseHolder(text);
  if (holder === null ? await isYoung(file) : isAlive(holder)) return false;
  // Moved away first: if another run has taken over meanwhile, its lock is put back.
  const aside = `${file}.${process.pid}.stale`;
  await rename(file, aside).catch(ignoreMissing);
  const moved = await readIfThere(aside);
  if (moved !== null && moved !== text) await created(file, moved);
  await rm(aside, { force: true });
  await sweep(file);
  return true;
}

/** A lock without a text is being written, or its writer was killed. */
async function isYoung(file: string): Promise<boolean> {
  const found = await stat(file).catch(ignoreMissing);
  return found !== null && Date.now() - found.mtimeMs < PATIENCE_MS;
}

/** Removes what runs have left that were killed while they took over a lock: `file.PID.stale`, and once `file.PID`. */
async function sweep(file: string): Promise<void> {
  const folder = dirname(file);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(file)}.`)) continue;
    const [, pid] = /\.lock\.(\d+)(?:\.stale)?$/.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

async function locked(path: string, shown: string, instead: string): Promise<StoreError> {
  const holder = parseHolder((await readIfThere(`${path}.lock`)) ?? '');
  const who = holder === null ? '' : ` (process ${holder.pid} on ${holder.host})`;
  return new StoreError(
    'locked',
    `${shown}: another run writes to it${who}. ` +
      `Wait for it, or ${instead}. If that run is surely gone, remove ${path}.lock.`,
  );
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  return isRunning(holder.pid) && holder.born === bornAt(holder.pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
