/** Builds what the package ships: the library, its types, and the command. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });

const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22.19',
  legalComments: 'none',
  logLevel: 'warning',
};

await build({
  ...shared,
  entryPoints: ['src/fetch/index.ts'],
  outdir: 'dist/fetch',
  packages: 'external',
  splitting: true,
  format: 'esm',
});

// The command is one file of CommonJS: finding and loading a hundred small modules cost more than a small run does,
// and half of the rest was the loader of ES modules. What is loaded late in the source is run late here, too. It lies
// two folders deep, as its source does, so that paths beside import.meta.url hold in both.
await build({
  ...shared,
  entryPoints: ['src/cli/main.ts'],
  outfile: 'dist/cli/main.cjs',
  external: ['selfsigned', 'csv-parse', 'csv-stringify', 'string-width'],
  format: 'cjs',
  minifyWhitespace: true,
  minifySyntax: true,
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
});

// commander is in that file, and its licence beside it.
copyFileSync('node_modules/commander/LICENSE', 'dist/cli/commander.LICENSE');

// A probe is found beside the code that names it.
for (const probe of globSync('src/watch/recorders/*/*.{cjs,py}'))
  copyFileSync(probe, join('dist/cli', basename(probe)));

const types = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
process.exitCode = types.status ?? 1;
