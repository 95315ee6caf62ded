import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Verdict } from '../diagnose/index.ts';
import { openTraceFile } from '../formats/index.ts';
import { version } from '../package/index.ts';
import { type WrittenPage, writePage } from '../page/index.ts';
import { reasonOf } from '../trace/index.ts';
import { UsageError } from './usage.ts';

/** A recording and its verdict, for a page. */
export interface Shown {
  /** Where the recording is. */
  readonly trace: string;
  readonly verdict: Verdict;
  /** What the page calls it, where that is not the name of its file. */
  readonly name?: string;
  /** Which origins were judged: all, where it is not given. */
  readonly counts?: (origin: string) => boolean;
}

/** Writes the page of one recording or two. @throws TraceError when it can't be written, or one of them can't be read */
export function writeHtml(file: string, shown: readonly Shown[]): Promise<WrittenPage> {
  const runs = shown.map(({ trace, name = basename(trace), ...run }) => ({
    ...run,
    name,
    open: () => openTraceFile(trace),
  }));
  return writePage(file, runs, version());
}

/** Before a run, not after it: its page can't be written. @throws UsageError */
export function refuseUnwritable(file: string): void {
  const isNew = !existsSync(file);
  try {
    closeSync(openSync(file, 'a', 0o600));
    if (isNew) rmSync(file);
  } catch (error) {
    throw new UsageError(`--html ${file} can't be written: ${reasonOf(error)}`);
  }
}

/** A place for a trace that only a page needs: it is gone when the page is written. */
export function temporaryTrace(): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-'));
  return {
    path: join(folder, 'trace.jsonl'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
