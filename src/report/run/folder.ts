import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLocked, lock } from '../../store/index.ts';
import { ReportError } from '../error.ts';
import type { Report } from '../report.ts';
import { type Plan, readPlan } from './plan.ts';

/** What is to be done about runs that were there before. */
export type RunMode = 'new' | 'resume' | 'resume-or-start' | 'retry-failed';

/** The folder of a run. */
export interface RunFolder {
  readonly path: string;
  /** Otherwise the run in it is resumed. */
  readonly isNew: boolean;
}

/** The file that says that a run has ended, and how. */
export const SUMMARY = 'summary.json';

/** Where the runs of a report are. */
export function runsFolder(report: Report): string {
  return join(resolve(report.folder), '.abreast', safeName(report.name));
}

/** The folder to go on in, or a new one. `out`: the run's own, as the user named it. @throws ReportError */
export async function openFolder(report: Report, mode: RunMode, out: string | null): Promise<RunFolder> {
  const place = out === null ? runsFolder(report) : resolve(out);
  const before = out === null ? await runsIn(place) : await runAt(place);
  const found = chosen(before, mode);
  if (found !== undefined) return { path: found.path, isNew: false };
  if (mode === 'resume' || mode === 'retry-failed') throw nothingToGoOnWith(report, mode, place, before);
  if (out === null) return { path: await newFolder(place), isNew: true };
  if (before.length > 0) throw taken(place, before[0]!);
  return { path: await ownFolder(place), isNew: true };
}

/** A further folder where runs of the report are. @throws ReportError */
export async function newFolder(place: string): Promise<string> {
  await make(place, async () => {
    await mkdir(place, { recursive: true, mode: 0o700 });
    await writeFile(join(place, '..', '.gitignore'), '*\n');
  });
  for (;;) {
    // A name that was taken is never given again: runs are sorted by it.
    const path = join(place, new Date().toISOString().replaceAll(/[:.]/g, '-'));
    if (await make(path, () => mkdirAlone(path))) return path;
    await sleep(1);
  }
}

/** Locks a run's folder for this process; returns what unlocks it. @throws StoreError where another run has it. */
export function lockFolder(path: string): Promise<() => Promise<void>> {
  return lock(join(path, 'run'), { shown: path, instead: 'begin a new run' });
}

/** Removes runs that ended, but for the newest ones; what is in use, unfinished or not ours stays. */
export async function keepNewest(report: Report): Promise<void> {
  const ended = (await runsIn(runsFolder(report))).filter(({ finished }) => finished);
  for (const { path } of ended.slice(report.keep))
    if (!(await isLocked(join(path, 'run')))) await rm(path, { recursive: true, force: true });
}

/** A run that was there before. */
interface EarlierRun {
  readonly path: string;
  readonly plan: Plan;
  readonly finished: boolean;
}

function chosen(before: readonly EarlierRun[], mode: RunMode): EarlierRun | undefined {
  if (mode === 'new') return undefined;
  if (mode === 'retry-failed') return before[0];
  // An older one than the newest is nothing that a timetable would go back to.
  if (mode === 'resume-or-start') return before[0]?.finished === false ? before[0] : undefined;
  return before.find(({ finished }) => !finished);
}

/** The runs in a folder, the newest first: their names are times. */
async function runsIn(place: string): Promise<readonly EarlierRun[]> {
  const names = await readdir(place).catch(() => []);
  const found = await Promise.all(
    names
      .sort()
      .reverse()
      .map((name) => runAt(join(place, name))),
  );
  return found.flat();
}

/** The run in a folder, or none. */
export async function runAt(path: string): Promise<readonly EarlierRun[]> {
  const plan = await readPlan(path);
  return plan === null ? [] : [{ path, plan, finished: await isFinished(path) }];
}

async function isFinished(path: string): Promise<boolean> {
  try {
    return (JSON.parse(await readFile(join(path, SUMMARY), 'utf8')) as { finished: boolean }).finished;
  } catch {
    return false;
  }
}

async function ownFolder(path: string): Promise<string> {
  const there = await stat(path).catch(() => null);
  if (there !== null && (!there.isDirectory() || (await readdir(path)).length > 0))
    throw new ReportError(
      `--out ${path}: something else is there already. Name a folder that is empty, or none yet.`,
    );
  await make(path, async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await writeFile(join(path, '.gitignore'), '*\n');
  });
  return path;
}

/** Returns false where it exists. */
async function mkdirAlone(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function make<Made>(path: string, making: () => Promise<Made>): Promise<Made> {
  try {
    return await making();
  } catch (error) {
    throw new ReportError(
      `${path}: a run needs a folder of its own, and none can be made there: ${(error as Error).message}. ` +
        'Name another with --out DIR.',
    );
  }
}

function nothingToGoOnWith(
  report: Report,
  mode: RunMode,
  place: string,
  before: readonly EarlierRun[],
): ReportError {
  if (mode === 'retry-failed' || before.length === 0)
    return new ReportError(`there is no run of '${report.name}' in ${place}. Begin one without --${mode}.`);
  return new ReportError(
    `every run of '${report.name}' in ${place} went to its end: there is nothing to resume. ` +
      'Begin a new one without --resume, or as a timetable would, with --resume-or-start.',
  );
}

function taken(place: string, { finished }: EarlierRun): ReportError {
  return new ReportError(
    finished
      ? `--out ${place}: there is a run in it, which went to its end. Name another folder, or remove it.`
      : `--out ${place}: it contains a run that was stopped. --resume continues it.`,
  );
}

/** A name as that of one folder: no way out of where it is. */
function safeName(name: string): string {
  return encodeURIComponent(name).replace(/^\.+/, (dots) => '%2E'.repeat(dots.length));
}
