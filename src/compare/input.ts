import { once } from 'node:events';
import { createWriteStream, fstatSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** So long standard input may be silent before the first run. */
const PATIENCE_MS = 2_000;

/**
 * Keeps what comes on standard input in a file, which each run is given: the first of several runs would use it up.
 * null: it is no file and no pipe, and each run has it as it is.
 * @param say told where it has to be waited for @throws what aborts the signal
 */
export async function keepInput(
  file: string,
  say: (what: string) => void,
  signal: AbortSignal,
): Promise<string | null> {
  if (!isUsedUp()) return null;
  const { stdin } = process;
  const silence = new AbortController();
  const isSilent = await Promise.race([
    once(stdin, 'readable', { signal: silence.signal }).then(() => false),
    sleep(PATIENCE_MS, true, { signal }),
  ]);
  if (!isSilent) {
    await pipeline(stdin, createWriteStream(file, { mode: 0o600 }), { signal });
    return file;
  }
  silence.abort();
  stdin.destroy();
  say(
    'nothing came on standard input in 2 s: runs have none; if the command reads it, give it a file: < FILE',
  );
  writeFileSync(file, '');
  return file;
}

/** What was read of a file or a pipe is gone for the next one that reads it. */
function isUsedUp(): boolean {
  try {
    const about = fstatSync(0);
    return about.isFIFO() || about.isFile();
  } catch {
    return false; // it is closed
  }
}
