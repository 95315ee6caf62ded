import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findPython } from '../../src/stages/interpreters/find.ts';
import { ROOT } from '../house/checkout.ts';
import { abreast } from './abreast.ts';

/** Environments are made once for all runs of the tests, as a user's are. */
export const env = { XDG_CACHE_HOME: join(ROOT, 'node_modules', '.cache') };

const versions = { '2.7': 'pyenv install 2.7.18', '3.7': 'pyenv install 3.7' };
const missing: string[] = [];
for (const [version, install] of Object.entries(versions)) {
  if ((await findPython(version)).interpreter === null)
    missing.push(`Python ${version} is not here: ${install}`);
}
/** Why nothing runs on both Pythons here, and what would allow it; false where they are. */
export const skip = missing.length > 0 ? missing.join('; ') : false;

/** What a test asks of a cell in `--json`. */
export interface Cell {
  readonly stage: string;
  readonly runtime: string;
  readonly serial: { readonly ok: number; readonly seconds: number };
  readonly concurrent: Cell['serial'] & {
    readonly inFlight: { readonly max: number };
    readonly socket: string[];
  };
  readonly came: string;
  readonly scenes: readonly { readonly id: string; readonly text: string }[];
  readonly verdict: null | {
    readonly overlap: string;
    readonly step: string;
    readonly causes: readonly { readonly id: string; readonly because: readonly string[] }[];
  };
}

/** The cells of a stage on both Pythons; null where there is no package index to make environments from. */
export async function cellsOf(
  stage: string,
  t: TestContext,
  ...more: string[]
): Promise<readonly Cell[] | null> {
  const args = ['stages', stage, '--python', '2.7,3.7', '--proto', 'https', '-n', '3', '--json', ...more];
  const { code, out, err } = await abreast(args, { env });
  if (/pip reaches no package index/.test(err)) {
    t.skip('no package index can be reached: set PIP_INDEX_URL');
    return null;
  }
  assert.equal(code, 0, `${err}${out}`);
  const { cells } = JSON.parse(out) as { cells: readonly Cell[] };
  assert.deepEqual(
    cells.map(({ runtime, serial, concurrent }) => [runtime, serial.ok, concurrent.ok]),
    [
      ['python 2.7', 3, 3],
      ['python 3.7', 3, 3],
    ],
  );
  return cells;
}
