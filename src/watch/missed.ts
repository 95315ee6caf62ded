import type { Process, Recorder, TraceRecord } from '../trace/index.ts';
import { recorders } from './recorders/list.ts';
import type { Probe } from './recorders/recorder.ts';

export interface Seen {
  /** Those that wrote something. */
  readonly recorders: readonly Recorder[];
  /** What hindered a recorder, by its name. */
  readonly hindrances: ReadonlyMap<string, string>;
  readonly records: readonly TraceRecord[];
  /** The processes that a probe was loaded into: they wrote a trace. */
  readonly loaded: ReadonlySet<number>;
}

/** The recorders of a run, each with what it could not see this time and what would allow it. */
export function unseenBy({ recorders: wrote, hindrances, records, loaded }: Seen): Recorder[] {
  const names = new Set(wrote.map(({ name }) => name));
  const missed = new Map([...hindrances].filter(([name]) => !names.has(name)));
  for (const [name, text] of unseenProcesses(records, loaded)) if (!missed.has(name)) missed.set(name, text);
  const active = wrote.map((recorder) => {
    const text = missed.get(recorder.name);
    return text === undefined ? recorder : { ...recorder, missed: text };
  });
  const silent = [...missed].filter(([name]) => !names.has(name));
  return [...active, ...silent.map(([name, text]) => ({ name, version: '', sees: [], missed: text }))];
}

/** Processes in a language of a probe whose requests were seen from outside alone, with the probe's name and why. */
function* unseenProcesses(
  records: readonly TraceRecord[],
  loaded: ReadonlySet<number>,
): Generator<readonly [name: string, text: string]> {
  const processes = new Map(
    records.flatMap((record) => (record.kind === 'process' ? [[record.pid, record]] : [])),
  );
  for (const pid of seenFromOutsideOnly(records)) {
    const process = processes.get(pid);
    if (process?.argv === undefined) continue;
    const { argv } = process;
    for (const { name, probe } of recorders) {
      if (probe?.fits(argv) !== true) continue;
      const text = hasLoaded(process, processes, loaded)
        ? byOtherModules(probe, process)
        : notLoaded(probe, process);
      if (text !== undefined) yield [name, text];
    }
  }
}

/** Processes of which requests were seen, and none from inside. */
function seenFromOutsideOnly(records: readonly TraceRecord[]): Set<number> {
  const sent = new Set<number>();
  const called = new Set<number>();
  for (const record of records) {
    if (record.kind !== 'exchange' || record.pid === undefined) continue;
    (record.calledUs === undefined ? sent : called).add(record.pid);
  }
  return sent.difference(called);
}

/** A child that goes on with its parent's program (fork) has what was loaded there, and may have written nothing. */
function hasLoaded(
  process: Process,
  processes: ReadonlyMap<number, Process>,
  loaded: ReadonlySet<number>,
): boolean {
  const command = process.argv?.join('\0');
  const looked = new Set<number>();
  let at: Process | undefined = process;
  while (at !== undefined && !looked.has(at.pid) && at.argv?.join('\0') === command) {
    if (loaded.has(at.pid)) return true;
    looked.add(at.pid);
    at = at.parent === undefined ? undefined : processes.get(at.parent);
  }
  return false;
}

function byOtherModules({ modules }: Probe, { pid, argv }: Process): string | undefined {
  if (modules === undefined) return undefined;
  return `process ${pid} (${argv![0]}) sent requests by none of ${modules}: only system calls show them`;
}

function notLoaded(probe: Probe, { pid, argv }: Process): string {
  return probe.hindrance(argv!) ?? `process ${pid} (${argv![0]}) did not load the probe: ${probe.keptOutBy}`;
}
