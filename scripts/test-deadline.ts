/**
 * Loaded into the process of each test file: one that does not end (a socket left open, a loop) would hold up
 * the whole run in silence, for node:test only limits single tests.
 */
import { isMainThread } from 'node:worker_threads';

const DEADLINE_MS = process.argv[1]?.endsWith('.long.test.ts') ? 900_000 : 600_000;

if (isMainThread) {
  setTimeout(() => {
    console.error(
      `not ended after ${DEADLINE_MS / 1000} s; open: ${process.getActiveResourcesInfo().join(', ')}`,
    );
    process.exit(1);
  }, DEADLINE_MS).unref();
}
