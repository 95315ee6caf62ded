import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { judgeTrace, type Verdict } from '../../../src/diagnose/index.ts';
import type { Curve } from '../../../src/page/model/curves.ts';
import { type Recording, recordingOf } from '../../../src/page/model/recording.ts';
import { type Segments, segmentsOf } from '../../../src/page/model/segments.ts';
import { type TimeColumns, timeColumns } from '../../../src/page/model/times.ts';
import { plainSegments } from '../../../src/page/model/what-if.ts';
import { readTrace } from '../../../src/trace/index.ts';

const FOLDER = join(import.meta.dirname, '../../traces/cases');

/** The names of all traces of cases. */
export const CASES: readonly string[] = readdirSync(FOLDER).filter((file) => file.endsWith('.zst'));

/** A run as the page lays it out. */
export interface Laid {
  readonly recording: Recording;
  readonly times: TimeColumns;
  readonly segments: Segments;
  readonly verdict: Verdict;
}

/** Reads the trace of a case, and judges it. */
export async function laid(name: string): Promise<Laid> {
  const path = join(FOLDER, name);
  const recording = await recordingOf(await readTrace(path));
  const times = timeColumns(recording.exchange, recording.endedUs);
  const segments = segmentsOf({ ...recording.evidence, exchange: recording.exchange }, times);
  return { recording, times, segments, verdict: (await judgeTrace(path)).verdict };
}

/** When an exchange passed its steps, in microseconds. */
export type Steps = Readonly<
  Record<'wanted' | 'dispatched' | 'connected' | 'sent' | 'answered' | 'end', number>
>;

/** Exchanges that passed these steps, laid out. */
export function timesOfExchanges(all: readonly Steps[]): {
  readonly times: TimeColumns;
  readonly segments: Segments;
} {
  const column = (step: keyof Steps) => Float64Array.from(all, (one) => one[step]);
  const times: TimeColumns = {
    wanted: column('wanted'),
    dispatched: column('dispatched'),
    connected: column('connected'),
    sent: column('sent'),
    answered: column('answered'),
    end: column('end'),
    isOpen: new Uint8Array(all.length),
    isTimed: new Uint8Array(all.length).fill(1),
    fromUs: Math.min(...all.map(({ wanted }) => wanted)),
    toUs: Math.max(...all.map(({ end }) => end)),
  };
  return { times, segments: plainSegments(times) };
}

/** How long, in all, the level was above none, in microseconds. */
export function busyUsOf({ times, levels }: Curve): number {
  let busyUs = 0;
  for (let at = 0; at + 1 < times.length; at++) if (levels[at]! > 0) busyUs += times[at + 1]! - times[at]!;
  return busyUs;
}
