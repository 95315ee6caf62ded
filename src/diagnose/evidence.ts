import type { Host, Recorder, TraceRecord } from '../trace/index.ts';

/** So many records of a kind are kept; causes need far fewer. Bounds the memory of a long trace. */
const MOST = 100_000;
/** What holds a program up shows in its first exchanges. */
const MOST_EXCHANGES = 20_000;

const KINDS = [
  'stack',
  'unit',
  'connection',
  'connectionClosed',
  'block',
  'ready',
  'environment',
  'process',
  'note',
  'resource',
  'hold',
  'exchange',
] as const;
type KeptKind = (typeof KINDS)[number];
/** The records of a trace by kind, each kind in the order of the trace. */
export type Kept = { readonly [K in KeptKind]: Extract<TraceRecord, { kind: K }>[] };

/** What a trace holds, by kind, of its exchanges the first: where the causes look. */
export interface Evidence extends Kept {
  /** Records beside exchanges, beyond what is kept. */
  dropped: number;
  /** Exchanges that were left out: what another program of this run sent to this one, which serves it. */
  fromClients?: number;
  /** Of the first trace that said it. */
  host?: Host;
  recorders?: readonly Recorder[];
  /** The end of the trace is missing: what is not in it may have happened all the same. */
  isCutShort?: boolean;
}

/** Evidence of nothing yet. */
export function noEvidence(): Evidence {
  return {
    stack: [],
    unit: [],
    connection: [],
    connectionClosed: [],
    block: [],
    ready: [],
    environment: [],
    process: [],
    note: [],
    resource: [],
    hold: [],
    exchange: [],
    dropped: 0,
  };
}

/** Keeps a record, if causes may need it and there is room. Says whether it did. */
export function collect(evidence: Evidence, record: TraceRecord): boolean {
  if (!(KINDS as readonly string[]).includes(record.kind)) return false;
  const kept = evidence[record.kind as KeptKind] as TraceRecord[];
  const isExchange = record.kind === 'exchange';
  if (kept.length < (isExchange ? MOST_EXCHANGES : MOST)) {
    kept.push(record);
    return true;
  }
  if (!isExchange) evidence.dropped++;
  return false;
}

/** The evidence of a trace that is in memory: of each kind what `collect` keeps of it. */
export function evidenceOf(records: Kept): Evidence {
  const evidence = noEvidence();
  for (const kind of KINDS) for (const record of records[kind]) collect(evidence, record);
  return evidence;
}
