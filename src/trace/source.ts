import type { RunHeader, TraceRecord } from './records.ts';

/** A part of a recording that could not be used: where (file:line) and why. */
export interface Problem {
  readonly where: string;
  readonly text: string;
}

/** Records that are read from a file of any format, in batches, once. */
export interface TraceSource extends AsyncIterable<readonly TraceRecord[]> {
  readonly path: string;
  readonly run: RunHeader;
  /** The first parts of the file that could not be used, as far as was read. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** After the last batch: the recording was cut short. */
  readonly cutShort: boolean;
}
