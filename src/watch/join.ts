import { openTrace, readTrace, TRACE_VERSION } from '../trace/index.ts';
import { merge } from './merge/merge.ts';
import { readPart } from './merge/part.ts';

/**
 * Makes one trace of those that the probes wrote in each process of a command.
 * @throws TraceError when one can't be read, or the joint one can't be written
 */
export async function joinTraces(paths: readonly string[], output: string): Promise<void> {
  const parts = await Promise.all(paths.map(readPart));
  const traces = await Promise.all(paths.map((path) => readTrace(path).then(({ run }) => run)));
  const first = traces.reduce((one, other) => (other.startedUs < one.startedUs ? other : one));
  const inside = parts.filter((part) => part !== null);
  const { recorders, records, lost } = merge(inside, null, first.startedUs);
  const trace = await openTrace(output, { ...first, version: TRACE_VERSION, recorders });
  let endedUs = 0;
  for (const record of records) {
    if (record.kind === 'run' || record.kind === 'end') continue;
    if (record.kind === 'exchange') endedUs = Math.max(endedUs, record.readUs ?? record.failedUs ?? 0);
    await trace.write(record);
  }
  await trace.close({ kind: 'end', endedUs, lost });
}
