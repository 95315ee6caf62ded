import { open } from 'node:fs/promises';
import type { Verdict } from '../../diagnose/index.ts';
import { reasonOf, TraceError, type TraceSource } from '../../trace/index.ts';
import type { About } from '../model/about.ts';
import { appOfPage } from './app.ts';
import { embedded } from './data.ts';
import { pageParts } from './html.ts';

/** A run that the page shows: its verdict, and its trace, read for the page alone. */
export interface RunOfPage {
  /** The file that it came from. */
  readonly name: string;
  readonly verdict: Verdict;
  readonly trace: TraceSource;
}

/** What was written. */
export interface WrittenPage {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes the page of one run, or of two beside each other, to `path`. `version` is that of this abreast. Only the
 * owner can read the file. @throws TraceError when it can't be written
 */
export async function writePage(
  path: string,
  runs: readonly RunOfPage[],
  version: string,
): Promise<WrittenPage> {
  const about: About = {
    abreast: version,
    runs: runs.map(({ name, verdict }) => ({ name, verdict, sample: null })),
  };
  const { head, foot } = pageParts(about, appOfPage());
  let bytes = 0;
  try {
    await using file = await open(path, 'w', 0o600);
    const put = async (text: string) => {
      bytes += (await file.write(text)).bytesWritten;
    };
    await put(head);
    for (const [index, { trace }] of runs.entries())
      for await (const text of embedded(`trace-${index + 1}`, trace)) await put(text);
    await put(foot);
  } catch (error) {
    throw new TraceError(`${path}: the page can't be written: ${reasonOf(error)}`, { cause: error });
  }
  return { path, bytes };
}
