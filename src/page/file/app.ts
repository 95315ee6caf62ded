import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The app of the page: one script, one style sheet. */
export interface App {
  readonly script: string;
  readonly style: string;
}

/** Beside the command's file in the package. There is none beside this source, of which ROOT is the checkout. */
const BUILT = new URL('page.json', import.meta.url);
const ROOT = new URL('../../..', import.meta.url);

let known: App | undefined;

/** The app: as it was built into the package, or from source. */
export function appOfPage(): App {
  known ??= JSON.parse(existsSync(BUILT) ? readFileSync(BUILT, 'utf8') : buildNow()) as App;
  return known;
}

function buildNow(): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/page.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`the app of the page can't be built: ${stderr}`);
  return stdout;
}
