/**
 * `npm test`, `npm test -- test/trace 'plain trace'`: runs the test files (all, or those at or under the paths
 * given), and of them the tests whose names match one of the other arguments, regular expressions. Ends with
 * `N passed, N failed`. Files named `*.long.test.ts` run with `npm run test:long`, or where a path names the file.
 */
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { reportTests } from './test-report.ts';

const LONG = '--long';
/** Of a single test; test-deadline.ts ends a file. */
const TIMEOUT_MS = 180_000;

/** Files that take the longest, so that none of them is left to run alone at the end. */
const FIRST = [
  'test/compare/made.long.test.ts',
  'test/compare/planted.long.test.ts',
  'test/e2e/kit.long.test.ts',
  'test/watch/node/units.long.test.ts',
  'test/watch/python/libraries.test.ts',
  'test/watch/python/hand-overs.test.ts',
  'test/cli/report.test.ts',
  'test/e2e/stages.test.ts',
  'test/e2e/get-stop.long.test.ts',
  'test/torture/torture.test.ts',
];

const long = process.argv.includes(LONG);
const args = process.argv.slice(2).filter((arg) => arg !== LONG);
const paths = args.filter((arg) => existsSync(arg)).map((path) => path.replace(/\/$/, ''));
const names = args.filter((arg) => !existsSync(arg));

const lost = names.find((name) => /^test\/[\w./-]*$/.test(name));
if (lost !== undefined) {
  console.error(`test: there is no ${lost}`);
  process.exit(2);
}

const place = (file: string) => (FIRST.includes(file) ? FIRST.indexOf(file) : FIRST.length);
const ending = long ? '.long.test.ts' : '.test.ts';
const files = globSync('test/**/*.test.ts')
  .filter((file) => paths.includes(file) || file.endsWith('.long.test.ts') === long)
  .filter((file) => paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`)))
  .sort()
  .sort((one, other) => place(one) - place(other));

if (files.length === 0) {
  console.error(`test: no file test/**/*${ending} is at or under ${paths.join(', ') || process.cwd()}`);
  process.exit(2);
}

// What a killed or failed test leaves behind goes with all the rest. Compiled code is kept from run to run.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
const scratch = mkdtempSync(join(tmpdir(), 'abreast-tests-'));
process.env.TMPDIR = scratch;
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const outcome = await reportTests(
  run({
    files: files.map((file) => resolve(file)),
    // One more than there are processors: many tests wait for a server, or for a process to start.
    concurrency: availableParallelism() + 1,
    timeout: TIMEOUT_MS,
    execArgv: ['--import', new URL('./test-deadline.ts', import.meta.url).href],
    ...(names.length > 0 && { testNamePatterns: names }),
  }),
);
process.exitCode = outcome.failed === 0 && outcome.passed + outcome.skipped > 0 ? 0 : 1;
