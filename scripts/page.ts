/**
 * `node scripts/page.ts`: builds the app of the page, one script and one style sheet, and prints them as JSON. From
 * source, src/page/file/app.ts runs it when a page is first written; `npm run build` puts its result into the package.
 * `--check` instead says how large it is, and ends with 1 when it is too large.
 */
import { gzipSync } from 'node:zlib';
import { type BuildResult, build, type Plugin } from 'esbuild';

/** The app in the page. */
export interface App {
  readonly script: string;
  readonly style: string;
}

/** Of the script and the style sheet together. */
const MOST_GZIPPED_BYTES = 100_000;

/** What is behind the first door of `trace` needs Node; the rooms that the app imports use what is behind both. */
const throughBrowserDoor: Plugin = {
  name: 'browser door',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /\/trace\/index\.ts$/ }, ({ path, resolveDir, kind }) =>
      resolve(path.replace(/index\.ts$/, 'browser.ts'), { resolveDir, kind }),
    );
  },
};

/** Builds it. @throws what esbuild throws: an import of a module of Node is an error, too. */
export async function buildApp(): Promise<App & BuildResult<{ metafile: true; write: false }>> {
  const built = await build({
    absWorkingDir: new URL('..', import.meta.url).pathname,
    entryPoints: ['src/page/app/main.tsx'],
    outdir: 'page',
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome111', 'firefox121', 'safari17'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    plugins: [throughBrowserDoor],
    legalComments: 'none',
    charset: 'ascii',
    logLevel: 'warning',
  });
  const textOf = (end: string) => built.outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { ...built, script: textOf('.js').trimEnd(), style: textOf('.css').trimEnd() };
}

if (import.meta.main) {
  const { script, style } = await buildApp();
  if (process.argv.includes('--check')) check(script, style);
  else process.stdout.write(JSON.stringify({ script, style }));
}

function check(script: string, style: string): void {
  const bytes = gzipSync(script + style).length;
  console.log(`${(bytes / 1000).toFixed(1)} kB gzipped, of at most ${MOST_GZIPPED_BYTES / 1000} kB`);
  if (bytes > MOST_GZIPPED_BYTES) process.exitCode = 1;
}
