/** Builds what the package ships: the library, its types, and the command. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type BuildOptions, type BuildResult, build } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };
import { NODE_HOOK } from '../src/compare/hide/node.ts';
import { PYTHON_HOOK } from '../src/compare/hide/python.ts';
import { probes } from '../src/watch/recorders/list.ts';
import { buildFunction } from './lambda.ts';
import { buildApp } from './page.ts';

rmSync('dist', { recursive: true, force: true });

/**
 * Native, large, loaded by few commands, or only there where their user has installed them. The other dependencies are in
 * the command's file, without a look-up each.
 */
const EXTERNAL = [
  ...[
    '@duckdb/node-api',
    'bullmq',
    'csv-parse',
    'csv-stringify',
    'ioredis',
    'pg',
    'selfsigned',
    'yaml',
    'zod',
  ],
  ...Object.keys(packageJson.peerDependencies),
];

const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22.19',
  legalComments: 'none',
  logLevel: 'warning',
};

for (const [entry, folder] of [
  ['src/fetch/index.ts', 'dist/fetch'],
  ['src/lambda/function.ts', 'dist/lambda'],
] as const)
  await build({
    ...shared,
    entryPoints: [entry],
    outdir: folder,
    packages: 'external',
    splitting: true,
    format: 'esm',
  });

// The command is one file of CommonJS: finding and loading a hundred small modules cost more than a small run does,
// and half of the rest was the loader of ES modules. What is loaded late in the source is run late here, too. It lies
// two folders deep, as its source does, so that paths beside import.meta.url hold in both. The threads of a report
// begin with a file of their own, beside it.
for (const [entry, file] of [
  ['src/cli/main.ts', 'main.cjs'],
  ['src/execute/worker.ts', 'worker.cjs'],
] as const)
  copyLicences(
    await build({
      ...shared,
      entryPoints: [entry],
      outfile: `dist/cli/${file}`,
      metafile: true,
      external: EXTERNAL,
      format: 'cjs',
      minifyWhitespace: true,
      minifySyntax: true,
      define: { 'import.meta.url': 'importMetaUrl' },
      banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
    }),
  );

// A probe is found beside the code that names it.
for (const { file } of probes) copyFileSync(file, join('dist/cli', basename(file)));
// The hook of compare for Python has the same name as the probe, and so a folder of its own.
for (const hook of [PYTHON_HOOK, NODE_HOOK]) {
  const folder = join('dist/cli', basename(dirname(hook)));
  mkdirSync(folder);
  copyFileSync(hook, join(folder, basename(hook)));
}

// `abreast lambda` finds beside itself what it packs.
copyFileSync('src/lambda/layer/extension.sh', 'dist/cli/extension.sh');
const packed = await buildFunction();
writeFileSync('dist/cli/function.cjs', packed.outputFiles[0]!.contents);
copyLicences(packed);

// src/page/file/app.ts finds the app of the page beside it.
const app = await buildApp();
writeFileSync('dist/cli/page.json', JSON.stringify({ script: app.script, style: app.style }));
copyLicences(app);

const types = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
process.exitCode = types.status ?? 1;

/** Whose code is in a file of ours, their licence is beside it. */
function copyLicences({ metafile }: BuildResult<{ metafile: true }>): void {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    ),
  );
  for (const name of packages) {
    // Packages of one scope are of one project, which may have the text in some of them only.
    const [licence = globSync(`node_modules/${dirname(name)}/*/LICENSE`)[0]] = globSync(
      `node_modules/${name}/{LICEN[CS]E,licen[cs]e}*`,
    );
    if (licence === undefined) throw new Error(`${name} has no file with its licence`);
    copyFileSync(licence, `dist/cli/${name.replace('/', '-')}.LICENSE`);
  }
}
