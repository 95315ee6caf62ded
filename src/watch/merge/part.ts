import type { Lost, Recorder, RunHeader, TraceRecord } from '../../trace/index.ts';
import { readTrace, TraceError } from '../../trace/index.ts';

/** What one recorder saw of one process, or of all: in its own time, with its own ids. */
export interface Part {
  readonly recorder: Recorder;
  /** Unix epoch, microseconds: the zero of its times. */
  readonly startedUs: number;
  /** Pairs of its own time and Unix time, as far as it wrote them. */
  readonly clocks: readonly (readonly [number, number])[];
  readonly records: readonly TraceRecord[];
  readonly lost: Lost;
}

/** What a probe wrote in its process; null where the file holds no trace (its process was killed as it began). */
export async function readPart(path: string): Promise<Part | null> {
  try {
    return await readWhole(path);
  } catch (error) {
    if (error instanceof TraceError) return null;
    throw error;
  }
}

async function readWhole(path: string): Promise<Part> {
  const trace = await readTrace(path);
  const records: TraceRecord[] = [];
  let lost: Lost = {};
  let clocks: Part['clocks'] = [];
  for await (const batch of trace) {
    for (const record of batch) {
      if (record.kind === 'end') {
        lost = record.lost;
        clocks = record.clocks ?? [];
      } else records.push(record);
    }
  }
  const notUnderstood = (lost.notUnderstood ?? 0) + trace.problemCount;
  return {
    recorder: recorderOf(trace.run),
    startedUs: trace.run.startedUs,
    clocks,
    records,
    lost: { ...lost, notUnderstood },
  };
}

function recorderOf({ recorders }: RunHeader): Recorder {
  return recorders[0] ?? { name: 'unknown', version: '', sees: [] };
}
