import { accessSync, closeSync, constants, mkdtempSync, openSync, readSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { GENERATOR } from '../../page/index.ts';

/**
 * Where the page of a trace goes when nobody said it: beside the trace, or among temporary files where that folder can't
 * be written, or something else has its name.
 */
export function placeOfPage(trace: string): string {
  const name = `${basename(trace).replace(/(?:\.jsonl|\.har|\.json)?(?:\.zst)?$/, '')}.html`;
  const beside = join(dirname(trace), name);
  return isFree(beside) ? beside : join(mkdtempSync(join(tmpdir(), 'abreast-')), name);
}

/** Whether a file can be written there, and is none yet, or an earlier page. */
function isFree(file: string): boolean {
  try {
    const descriptor = openSync(file, 'r+');
    try {
      const head = Buffer.alloc(512);
      readSync(descriptor, head);
      return head.includes(GENERATOR);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && canWrite(dirname(file));
  }
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
