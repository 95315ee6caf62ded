import type { Times } from '../diagnose/index.ts';
import {
  type Connection,
  type Exchange,
  type RunHeader,
  redactRecord,
  type Stack,
  type TraceRecord,
  type TraceSource,
  type Unit,
} from '../trace/index.ts';

/** A recording that is read as often as an export needs it. */
export interface Recorded {
  readonly open: () => Promise<TraceSource>;
  /** Which origins are exported: all, where it is not given. */
  readonly counts?: (origin: string) => boolean;
}

/** The records of a recording in batches, without secrets, and without the exchanges that don't count. */
export async function* batchesOf(
  { open, counts }: Recorded,
  source?: TraceSource,
): AsyncGenerator<readonly TraceRecord[]> {
  for await (const batch of source ?? (await open()))
    yield batch
      .filter((record) => record.kind !== 'exchange' || counts?.(record.origin) !== false)
      .map(redactRecord);
}

/** More exchanges are not held in memory, and stay in the order of the trace: mostly that of their ends. */
const MOST_SORTED = 100_000;

/** The exchanges of a recording in batches, in the order they began, if they are not too many. */
export async function* exchangesOf(recorded: Recorded): AsyncGenerator<readonly Exchange[]> {
  let held: Exchange[] | null = [];
  for await (const batch of batchesOf(recorded)) {
    const exchanges = batch.filter((record) => record.kind === 'exchange');
    if (held === null) {
      yield exchanges;
      continue;
    }
    for (const exchange of exchanges) held.push(exchange);
    if (held.length <= MOST_SORTED) continue;
    yield held;
    held = null;
  }
  if (held !== null) yield held.sort((a, b) => beginning(a) - beginning(b));
}

function beginning({ wantedUs, calledUs, dispatchedUs, connectedUs, sentUs }: Exchange): number {
  return wantedUs ?? calledUs ?? dispatchedUs ?? connectedUs ?? sentUs ?? Infinity;
}

/** What the exchanges of a recording refer to. */
export interface Surroundings {
  readonly run: RunHeader;
  /** When the recording ended, in microseconds. */
  readonly endedUs: number;
  readonly connections: ReadonlyMap<number, Connection>;
  readonly stacks: ReadonlyMap<number, Stack>;
  /** Ids of the units of work whose beginning is known. */
  readonly units: ReadonlySet<number>;
  /** Where a redirect led, by request and attempt: see `attemptOf`. */
  readonly redirects: ReadonlyMap<string, string>;
}

/** Reads a recording for what its exchanges refer to. */
export async function surroundingsOf(recorded: Recorded): Promise<Surroundings> {
  const source = await recorded.open();
  const connections = new Map<number, Connection>();
  const stacks = new Map<number, Stack>();
  const units = new Set<number>();
  const redirects = new Map<string, string>();
  let endedUs = 0;
  for await (const batch of batchesOf(recorded, source))
    for (const record of batch) {
      if (record.kind === 'connection') connections.set(record.id, record);
      else if (record.kind === 'stack') stacks.set(record.id, record);
      else if (record.kind === 'unit' && startOf(record) !== null) units.add(record.id);
      else if (record.kind === 'end') endedUs = Math.max(endedUs, record.endedUs);
      else if (record.kind === 'exchange') {
        endedUs = Math.max(endedUs, record.readUs ?? record.failedUs ?? 0);
        if (record.because === 'redirect' && record.url !== undefined)
          redirects.set(attemptOf(record, -1), record.url);
      }
    }
  return { run: redactRecord(source.run) as RunHeader, endedUs, connections, stacks, units, redirects };
}

/** The name of an attempt of a request, or of one `beside` it. */
export function attemptOf({ request, attempt = 1 }: Exchange, beside = 0): string {
  return `${request} ${attempt + beside}`;
}

/** When an exchange ended: an open one ends with the recording, and none before it was wanted. In microseconds. */
export function endOf({ end, wanted }: Times, { endedUs }: Surroundings): number {
  return Math.min(end, Math.max(endedUs, wanted));
}

/** When a unit of work was made, in microseconds; null where nobody saw it. */
export function startOf({ madeUs, begunUs }: Unit): number | null {
  return madeUs ?? begunUs ?? null;
}
