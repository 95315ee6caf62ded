import type { Sample } from './measure.ts';
import type { Peer } from './peers.ts';
import type { Workload } from './workloads.ts';

/** The rounds of one peer at one workload in one line: medians. */
export interface Row {
  readonly peer: string;
  readonly kind: Peer['kind'];
  readonly runs: number;
  readonly wallSeconds: number;
  /** Of the fastest net/http; null without one that did all of it. */
  readonly ofGo: number | null;
  readonly requestsPerSecond: number;
  readonly cpuMicrosPerRequest: number;
  readonly peakRssMb: number;
  /** By the server's count. */
  readonly inFlightMean: number;
  readonly inFlightMax: number;
  readonly connections: number;
  readonly otherLoad: number;
  /** What was not right in the worst run, in words; null when every answer of every run was. */
  readonly problem: string | null;
}

/** All runs of one workload. */
export interface Outcome {
  readonly workload: Workload;
  readonly samples: ReadonlyMap<Peer, readonly Sample[]>;
}

/** The middle of some numbers; the mean of the two middle ones of an even count. @throws RangeError for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One row a peer, in the order of their turns. */
export function summarize({ workload, samples }: Outcome): readonly Row[] {
  const rows = [...samples].map(([peer, runs]) => rowOf(peer, runs, workload.count));
  const go = bestGoWall(rows);
  return rows.map((row) => ({ ...row, ofGo: go === null ? null : row.wallSeconds / go }));
}

/** The shortest wall of Go's clients whose answers were all right. */
function bestGoWall(rows: readonly Omit<Row, 'ofGo'>[]): number | null {
  const walls = rows.filter((row) => row.kind === 'Go' && row.problem === null).map((row) => row.wallSeconds);
  return walls.length === 0 ? null : Math.min(...walls);
}

function rowOf(peer: Peer, runs: readonly Sample[], count: number): Omit<Row, 'ofGo'> {
  const of = (value: (run: Sample) => number) => median(runs.map(value));
  return {
    peer: peer.name,
    kind: peer.kind,
    runs: runs.length,
    wallSeconds: of((run) => run.wallSeconds),
    requestsPerSecond: of((run) => run.stored.right / run.wallSeconds),
    cpuMicrosPerRequest: of((run) => (run.cpuSeconds * 1e6) / Math.max(1, run.stored.right)),
    peakRssMb: of((run) => run.peakRssMb),
    inFlightMean: of((run) => run.server.inFlightMean),
    inFlightMax: of((run) => run.server.inFlightMax),
    connections: of((run) => run.server.connections),
    otherLoad: of((run) => run.otherLoad),
    problem: worstProblem(runs, count),
  };
}

function worstProblem(runs: readonly Sample[], count: number): string | null {
  const worst = runs.reduce((a, b) => (b.stored.right < a.stored.right ? b : a));
  const troubled =
    worst.stored.right < count ? worst : runs.find((run) => run.timedOut || run.exitCode !== 0);
  if (troubled === undefined) return worst.stored.wrong > 0 ? worst.stored.example : null;
  const { right, failed, wrong, missing, example } = troubled.stored;
  if (troubled.timedOut)
    return `killed after ${troubled.wallSeconds.toFixed(0)} s with ${right} of ${count} done`;
  const told = right < count ? example : null;
  const counts = `${right} right, ${failed} failed, ${wrong} wrong, ${missing} missing`;
  return [`exit code ${troubled.exitCode}`, counts, told ?? troubled.complaint].filter(Boolean).join('; ');
}
