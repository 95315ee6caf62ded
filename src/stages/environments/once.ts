import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Say } from '../place.ts';
import { locked } from './lock.ts';

/** A folder that takes time to make, and is then kept. */
export interface MadeFolder {
  readonly folder: string;
  /** What it is, for a person who finds the folder. */
  readonly about: object;
  /** Whether what was made is still of use: an interpreter that it links to may be gone. */
  readonly isWhole: () => boolean;
}

/** Whether it was made to its end. */
export function wasMade({ folder, isWhole }: MadeFolder): boolean {
  return existsSync(join(folder, MARKER)) && isWhole();
}

/** Written last: a folder without it was left half made. */
const MARKER = 'abreast.json';

/** Makes a folder, unless it exists; an incomplete one is made again. Another process that makes it is waited for. */
export async function makeOnce(
  made: MadeFolder,
  say: Say,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  if (wasMade(made)) return;
  const { folder, about } = made;
  await locked(`${folder}.lock`, say, signal, async () => {
    if (wasMade(made)) return;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    const startedMs = performance.now();
    await work();
    writeFileSync(join(folder, MARKER), `${JSON.stringify(about)}\n`);
    say(`made in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  });
}
