import type { Verdict } from '../../diagnose/index.ts';
import { type RunHeader, redactRecord } from '../../trace/index.ts';
import type { About, Sample } from '../model/about.ts';
import { appOfPage } from './app.ts';
import { embedded } from './data.ts';
import { pageParts } from './html.ts';
import { type Reopenable, selectionOf } from './sample.ts';
import { writeText } from './text-file.ts';

/** A run that the page shows. */
export interface RunOfPage extends Reopenable {
  /** What the page calls it. */
  readonly name: string;
  readonly verdict: Verdict;
}

/** What was written. */
export interface WrittenPage {
  readonly path: string;
  readonly bytes: number;
  /** Of each run, the part of its exchanges that the page has; null: all of them. */
  readonly samples: readonly (Sample | null)[];
}

/**
 * Writes the page of one run, or of two beside each other, to `path`. `version` is that of this abreast. Only the
 * owner can read the file. @throws TraceError when it can't be written, and what `open` throws
 */
export async function writePage(
  path: string,
  runs: readonly RunOfPage[],
  version: string,
): Promise<WrittenPage> {
  const selections = await Promise.all(runs.map((run) => selectionOf(run)));
  const about: About = {
    abreast: version,
    runs: runs.map(({ name, verdict }, index) => {
      const { run, sample } = selections[index]!;
      return { name, run: redactRecord(run) as RunHeader, verdict, sample };
    }),
  };
  const app = appOfPage();
  const pieces = async function* () {
    const { head, foot } = pageParts(about, app);
    yield head;
    for (const [index, run] of runs.entries())
      yield* embedded(`trace-${index + 1}`, await run.open(), selections[index]!.takes);
    yield foot;
  };
  return {
    path,
    bytes: await writeText(path, 'page', pieces()),
    samples: about.runs.map(({ sample }) => sample),
  };
}
