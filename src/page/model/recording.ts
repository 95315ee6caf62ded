import {
  type Lines,
  type Problem,
  type RecordKind,
  type RunHeader,
  readLines,
  type TraceRecord,
} from '../../trace/browser.ts';

type Kept = Exclude<RecordKind, 'run' | 'end'>;
type RecordsByKind = { readonly [K in Kept]: Extract<TraceRecord, { readonly kind: K }>[] };

/** A trace in memory: its records by kind, each kind in the order of the trace. */
export interface Recording extends RecordsByKind {
  readonly run: RunHeader;
  /** When the recording ended, in microseconds; of one that was cut short, the last time in it. */
  readonly endedUs: number;
  readonly cutShort: boolean;
  readonly problems: readonly Problem[];
}

/** Reads a whole trace. `name` is what messages call it. @throws TraceError when it is none. */
export async function readRecording(name: string, lines: Lines): Promise<Recording> {
  const trace = await readLines(name, lines);
  const records = noRecords();
  let endedUs: number | undefined;
  for await (const batch of trace)
    for (const record of batch) {
      if (record.kind === 'end') endedUs = record.endedUs;
      else if (record.kind !== 'run') (records[record.kind] as TraceRecord[]).push(record);
    }
  const { run, cutShort, problems } = trace;
  return { run, cutShort, problems, endedUs: endedUs ?? lastUs(records), ...records };
}

function noRecords(): RecordsByKind {
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

function lastUs({ exchange, block }: RecordsByKind): number {
  let last = 0;
  for (const { wantedUs, sentUs, answeredUs, readUs, failedUs } of exchange)
    last = Math.max(last, readUs ?? 0, failedUs ?? 0, answeredUs ?? 0, sentUs ?? 0, wantedUs ?? 0);
  for (const { toUs } of block) last = Math.max(last, toUs);
  return last;
}
