/** Builds what the package ships: dist/, JavaScript in a few files, and the library's types. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
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

// A probe is found beside the code that names it, which is loaded lazily and so lies among the chunks.
for (const probe of globSync('src/watch/recorders/*/*.{cjs,py}')) {
  copyFileSync(probe, join('dist/chunks', basename(probe)));
}

const types = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
process.exitCode = types.status ?? 1;
