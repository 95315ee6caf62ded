import type { Exchange, RunHeader, TraceRecord } from '../../trace/index.ts';
import type { Sample } from '../model/about.ts';

/** A recording that is being read: the records after `run`, in batches. */
export interface Recorded extends AsyncIterable<readonly TraceRecord[]> {
  readonly run: RunHeader;
}

/** A recording that can be read as often as needed. */
export interface Reopenable {
  readonly open: () => Promise<Recorded>;
  /** Which origins were judged: all, where it is not given. */
  readonly counts?: (origin: string) => boolean;
}

/** A browser reads so many in a few seconds, and holds them in a few hundred MB. */
const MOST_EXCHANGES = 200_000;

/** Which records of a recording are in the page. */
export interface Selection {
  readonly run: RunHeader;
  readonly sample: Sample | null;
  readonly takes: (record: TraceRecord) => boolean;
}

/**
 * All records, without those of origins that were not judged. Of a run with more than 200,000 exchanges, a part of
 * the requests, each with all its exchanges, and what belongs to them. It is the same part each time.
 */
export async function selectionOf({ open, counts }: Reopenable, most = MOST_EXCHANGES): Promise<Selection> {
  const isJudged = (exchange: Exchange) => counts?.(exchange.origin) !== false;
  let of = 0;
  const trace = await open();
  const { run } = trace;
  for await (const exchange of exchangesOf(trace)) if (isJudged(exchange)) of++;
  if (of <= most)
    return { run, sample: null, takes: (record) => record.kind !== 'exchange' || isJudged(record) };

  const every = 2 ** Math.ceil(Math.log2(of / most));
  const isTaken = (exchange: Exchange) => isJudged(exchange) && scattered(exchange) % every === 0;
  let shown = 0;
  const connections = new Set<number>();
  const units = new Set<number>();
  for await (const exchange of exchangesOf(await open())) {
    if (!isTaken(exchange)) continue;
    shown++;
    if (typeof exchange.connection === 'number') connections.add(exchange.connection);
    if (exchange.unit !== undefined) units.add(exchange.unit);
  }
  const takes = (record: TraceRecord) => {
    if (record.kind === 'exchange') return isTaken(record);
    if (record.kind === 'connection' || record.kind === 'connectionClosed') return connections.has(record.id);
    if (record.kind === 'ready') return connections.has(record.connection);
    return record.kind !== 'unit' || units.has(record.id);
  };
  return { run, sample: { shown, of }, takes };
}

async function* exchangesOf(trace: AsyncIterable<readonly TraceRecord[]>): AsyncGenerator<Exchange> {
  for await (const batch of trace) for (const record of batch) if (record.kind === 'exchange') yield record;
}

/** A number of the request that has no rhythm: every tenth in a row may be one and the same origin. */
function scattered({ request, id }: Exchange): number {
  const mixed = Math.imul((request ?? id) ^ 0x9e3779b9, 0x85ebca6b);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
