import type { Verdict } from '../../diagnose/index.ts';
import { redactRecord, type TraceRecord, type TraceSource } from '../../trace/index.ts';
import { recordingOf } from '../model/recording.ts';
import { pictureOf } from '../picture/picture.ts';
import { writeText } from './text-file.ts';

/** What was drawn. */
export interface WrittenPicture {
  readonly bytes: number;
  /** How many exchanges it shows, and how many there are. */
  readonly shown: number;
  readonly of: number;
}

/**
 * Writes a run as an SVG, with secrets replaced: its verdict, and a waterfall of its exchanges, of many the 200 longest.
 * Exchanges with origins that do not count are left out. Only the owner can read the file.
 * @throws TraceError when it can't be written
 */
export async function writePicture(
  path: string,
  trace: TraceSource,
  verdict: Verdict,
  counts: (origin: string) => boolean = () => true,
): Promise<WrittenPicture> {
  const recording = await recordingOf(shownOf(trace, counts));
  const { svg, shown, of } = pictureOf(recording, verdict);
  return { bytes: await writeText(path, 'picture', [svg]), shown, of };
}

function shownOf(trace: TraceSource, counts: (origin: string) => boolean): TraceSource {
  const isShown = (record: TraceRecord): boolean => record.kind !== 'exchange' || counts(record.origin);
  return {
    path: trace.path,
    run: trace.run,
    get problems() {
      return trace.problems;
    },
    get problemCount() {
      return trace.problemCount;
    },
    get cutShort() {
      return trace.cutShort;
    },
    async *[Symbol.asyncIterator]() {
      for await (const batch of trace) yield batch.filter(isShown).map(redactRecord);
    },
  };
}
