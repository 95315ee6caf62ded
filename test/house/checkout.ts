import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { lay, temporaryFolder } from '../folder.ts';

/** The checkout that the tests run in. */
export const ROOT = join(import.meta.dirname, '..', '..');

/**
 * A checkout whose launcher is the real one and whose program is the given text, with this Node as its own.
 * `as: 'package'` is the same as it would be installed: built, no source, no Node.
 */
export function makeCheckout(
  t: TestContext,
  program: string,
  as: 'checkout' | 'package' = 'checkout',
): string {
  const folder = temporaryFolder(t);
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true });
  lay(folder, { 'package.json': JSON.stringify({ name: 'abreast', type: 'module' }) });
  if (as === 'package') {
    lay(folder, { 'dist/cli/main.cjs': `import('./program.mjs');`, 'dist/cli/program.mjs': program });
  } else {
    lay(folder, { 'src/cli/main.ts': program, 'node_modules/.package-lock.json': '{}' });
    mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
    symlinkSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
  }
  return folder;
}
