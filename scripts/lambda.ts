/**
 * `node scripts/lambda.ts`: builds the function of Lambda, one file, and prints it. From source, src/lambda/pack/function.ts
 * runs it for `abreast lambda pack`; `npm run build` puts its result into the package.
 */
import { type BuildResult, build } from 'esbuild';

/** Builds it. @throws what esbuild throws */
export function buildFunction(): Promise<BuildResult<{ metafile: true; write: false }>> {
  return build({
    absWorkingDir: new URL('..', import.meta.url).pathname,
    entryPoints: ['src/lambda/function.ts'],
    outfile: 'dist/lambda/function.cjs',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node22.19',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    // DuckDB's library lies beside the file. DuckDB looks for musl by a package that it can do without.
    external: ['@duckdb/node-bindings-*', 'detect-libc'],
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
  });
}

if (import.meta.main) {
  const { outputFiles } = await buildFunction();
  process.stdout.write(outputFiles[0]!.contents);
}
