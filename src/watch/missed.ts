import { basename } from 'node:path';
import type { Process, Recorder, TraceRecord } from '../trace/index.ts';
import { pythonHindrance } from './recorders/python/index.ts';

export interface Seen {
  readonly recorders: readonly Recorder[];
  readonly records: readonly TraceRecord[];
  readonly command: readonly string[];
  /** Why system calls were not recorded; null where they were. */
  readonly tracing: string | null;
}

/** The recorders of a run, each with what it could not see this time and what would allow it. */
export function unseenBy({ recorders, records, command, tracing }: Seen): Recorder[] {
  const missed = new Map<string, string>();
  if (tracing !== null) missed.set('syscalls', tracing);
  for (const [name, text] of probesMissed(records, command)) missed.set(name, text);
  const known = recorders.map((recorder) => {
    const text = missed.get(recorder.name);
    missed.delete(recorder.name);
    return text === undefined ? recorder : { ...recorder, missed: text };
  });
  return [...known, ...[...missed].map(([name, text]) => ({ name, version: '', sees: [], missed: text }))];
}

/** Processes that sent requests, of a language that there is a probe for, without a word from that probe. */
function probesMissed(records: readonly TraceRecord[], command: readonly string[]): Map<string, string> {
  const told = new Set<number>();
  const sent = new Set<number>();
  const processes: Process[] = [];
  for (const record of records) {
    if (record.kind === 'environment') told.add(record.pid);
    else if (record.kind === 'exchange' && record.pid !== undefined)
      (record.calledUs === undefined ? sent : told).add(record.pid);
    else if (record.kind === 'process') processes.push(record);
  }
  const missed = new Map<string, string>();
  const hindrance = pythonHindrance(command);
  if (hindrance !== undefined && told.size === 0) missed.set('python', hindrance);
  for (const { pid, argv } of processes) {
    if (!sent.has(pid) || told.has(pid) || argv === undefined) continue;
    const probe = probeFor(argv);
    if (probe !== undefined && !missed.has(probe)) missed.set(probe, whyNot(probe, pid, argv));
  }
  return missed;
}

function probeFor([program = '']: readonly string[]): 'python' | 'node' | undefined {
  const name = basename(program);
  if (/^(python|pypy)[\d.]*$/.test(name)) return 'python';
  return /^node(js)?$/.test(name) ? 'node' : undefined;
}

function whyNot(probe: 'python' | 'node', pid: number, argv: readonly string[]): string {
  if (probe === 'node')
    return `process ${pid} (${argv[0]}) did not load the probe: its NODE_OPTIONS were replaced, or it is older than Node 18`;
  return (
    pythonHindrance(argv) ??
    `process ${pid} (${argv[0]}) did not load the probe: its PYTHONPATH was replaced, or another sitecustomize stands before it`
  );
}
