/** Builds what the package ships: dist/, JavaScript in a few files, and the library's types. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });

// Bundled, as a hundred small modules cost a start-up more than all that they do. Every output lies two folders
// deep, as every source does, so that paths relative to import.meta.url hold in both.
await build({
  entryPoints: ['src/cli/main.ts', 'src/fetch/index.ts'],
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  legalComments: 'none',
  logLevel: 'warning',
});

const types = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
process.exitCode = types.status ?? 1;
