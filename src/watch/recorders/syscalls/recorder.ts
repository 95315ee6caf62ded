import type { Lost, TraceRecord } from '../../../trace/index.ts';
import { signalChildren } from '../../children.ts';
import type { Part } from '../../merge/part.ts';
import type { Launched, Launcher, ProgramRecorder, RecorderSession, WatchedRun } from '../recorder.ts';
import { examine } from './examine.ts';
import { recordSyscalls } from './record.ts';
import { canTrace, changesUser, type Tracing } from './strace.ts';

export const syscalls: ProgramRecorder = {
  name: 'syscalls',
  begin(invocation, run) {
    const { version, missing } = tracingOf(run.file);
    return { invocation, ...(missing === null ? sessionOf(version, run) : { hindrance: missing }) };
  },
  examine,
};

function tracingOf(file: string): Tracing {
  if (!changesUser(file)) return canTrace();
  return {
    version: null,
    missing: `${file} runs as another user, which strace would prevent: run abreast as root to see its system calls`,
  };
}

const SEES = [
  'process',
  'connection',
  'connectionClosed',
  'exchange',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
  'ready',
  'block',
];

function sessionOf(
  version: string | null,
  { startedUs, keepUrls, listener }: WatchedRun,
): Omit<RecorderSession, 'invocation'> {
  const kept = new Kept();
  let lost: Lost = {};
  const launch: Launcher = (invocation, stdio): Launched => {
    const emit = (record: TraceRecord) => {
      kept.add(record);
      listener?.record(record);
    };
    const { child, done, signal } = recordSyscalls({
      ...invocation,
      stdio,
      startedUs,
      keepUrls,
      listener,
      emit,
    });
    return {
      pid: child.pid,
      stdout: child.stdout,
      stderr: child.stderr,
      done: done.then((ended) => {
        lost = ended.lost;
        return ended;
      }),
      signal,
      signalAll: (name) => signalChildren(child.pid, name),
    };
  };
  const part = (): Part => ({
    recorder: { name: syscalls.name, version: `strace ${version}`, sees: SEES },
    startedUs,
    clocks: [],
    records: kept.records,
    lost: { ...lost, dropped: (lost.dropped ?? 0) + kept.dropped },
  });
  return { launch, part };
}

/** So many waits, and so many signs of readiness, are kept of a long run: the causes look at fewer. */
const MOST_BESIDE = 200_000;

/** What is kept of the records that come while the program runs. */
class Kept {
  readonly records: TraceRecord[] = [];
  dropped = 0;
  #beside = 0;

  add(record: TraceRecord): void {
    if (record.kind !== 'ready' && record.kind !== 'block') this.records.push(record);
    else if (++this.#beside <= MOST_BESIDE) this.records.push(record);
    else this.dropped++;
  }
}
