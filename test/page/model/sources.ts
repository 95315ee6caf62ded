import { resolve } from 'node:path';
import { type Evidence, noEvidence } from '../../../src/diagnose/index.ts';
import { type Exchange, readTrace, type TraceRecord } from '../../../src/trace/index.ts';

export type { Exchange };

/** The place of a trace of test/traces. */
export function traceFile(name: string): string {
  return resolve(import.meta.dirname, '../../traces', name);
}

/** A real trace of test/traces, read whole. */
export async function recorded(name: string): Promise<Evidence & { readonly endedUs: number }> {
  const evidence = noEvidence();
  let endedUs = 0;
  for await (const batch of await readTrace(traceFile(name)))
    for (const record of batch) {
      if (record.kind === 'end') endedUs = record.endedUs;
      else if (record.kind in evidence) (evidence[record.kind as 'exchange'] as TraceRecord[]).push(record);
    }
  return { ...evidence, endedUs };
}

/** Nothing but these exchanges. */
export function noEvidenceWith(exchanges: readonly Exchange[]): Evidence {
  return { ...noEvidence(), exchange: [...exchanges] };
}
