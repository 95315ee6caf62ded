/**
 * `npm test`, `npm test -- test/trace 'plain trace'`: runs the test files (all, or those at or under the paths
 * given), and of them the tests whose names match one of the other arguments, regular expressions. Ends with
 * `N passed, N failed`.
 */
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from 'node:test';
import { reportTests } from './test-report.ts';

const TIMEOUT_MS = 180_000;

const args = process.argv.slice(2);
const paths = args.filter((arg) => existsSync(arg)).map((path) => path.replace(/\/$/, ''));
const names = args.filter((arg) => !existsSync(arg));

const lost = names.find((name) => /^test\/[\w./-]*$/.test(name));
if (lost !== undefined) {
  console.error(`test: there is no ${lost}`);
  process.exit(2);
}

const files = globSync('test/**/*.test.ts')
  .filter((file) => paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`)))
  .sort();

if (files.length === 0) {
  console.error(`test: no file test/**/*.test.ts is at or under ${paths.join(', ') || process.cwd()}`);
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
    concurrency: 2,
    timeout: TIMEOUT_MS,
    execArgv: ['--import', new URL('./test-deadline.ts', import.meta.url).href],
    ...(names.length > 0 && { testNamePatterns: names }),
  }),
);
process.exitCode = outcome.failed === 0 && outcome.passed + outcome.skipped > 0 ? 0 : 1;
