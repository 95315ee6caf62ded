import { type Evidence, evidenceOf, type Kept, settle, timesOf } from '../../diagnose/browser.ts';
import {
  type Lines,
  type Problem,
  type RunHeader,
  readLines,
  type TraceRecord,
  type TraceSource,
} from '../../trace/browser.ts';

/** A trace in memory. Its exchanges were wanted when the verdict says that they were. */
export interface Recording extends Kept {
  /** What the verdict looked at, of a large trace the first records of each kind. */
  readonly evidence: Evidence;
  readonly run: RunHeader;
  /** When the recording ended, in microseconds: the last time of an exchange, if it was cut short. */
  readonly endedUs: number;
  readonly cutShort: boolean;
  readonly problems: readonly Problem[];
}

/** Reads a whole trace. `name` is what messages call it. @throws TraceError when it is none. */
export async function readRecording(name: string, lines: Lines): Promise<Recording> {
  return recordingOf(await readLines(name, lines));
}

/** All of a trace that is being read. */
export async function recordingOf(trace: TraceSource): Promise<Recording> {
  const records = noRecords();
  let endedUs: number | undefined;
  for await (const batch of trace)
    for (const record of batch) {
      if (record.kind === 'end') endedUs = record.endedUs;
      else if (record.kind !== 'run') (records[record.kind] as TraceRecord[]).push(record);
    }
  const { run, cutShort, problems } = trace;
  const evidence = evidenceOf(records);
  const later = records.exchange.slice(evidence.exchange.length);
  settle(evidence);
  return {
    run,
    cutShort,
    problems,
    endedUs: Math.max(endedUs ?? 0, lastUs(records)),
    evidence,
    ...records,
    exchange: [...evidence.exchange, ...later],
  };
}

function noRecords(): Kept {
  return {
    process: [],
    unit: [],
    connection: [],
    connectionClosed: [],
    exchange: [],
    stack: [],
    resource: [],
    hold: [],
    ready: [],
    block: [],
    environment: [],
    note: [],
  };
}

function lastUs({ exchange }: Kept): number {
  let last = 0;
  for (const one of exchange)
    for (const time of Object.values(timesOf(one) ?? {})) if (time < Infinity) last = Math.max(last, time);
  return last;
}
