import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** The checkout that the tests run in. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files, by path under the folder; folders are made. */
export function lay(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

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
