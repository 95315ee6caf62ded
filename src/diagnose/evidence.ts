import type { Host, Recorder, TraceRecord } from '../trace/index.ts';

/** So many records of a kind are kept; causes are told from far fewer. Bounds the memory of a long trace. */
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
  'exchange',
] as const;
type KeptKind = (typeof KINDS)[number];
type Kept = { readonly [K in KeptKind]: Extract<TraceRecord, { kind: K }>[] };

/** What a trace holds, by kind, of its exchanges the first: where the causes look. */
export interface Evidence extends Kept {
  /** Records beside exchanges, beyond what is kept. */
  dropped: number;
  /** Of the first trace that said it. */
  host?: Host;
  recorders?: readonly Recorder[];
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
    exchange: [],
    dropped: 0,
  };
}

/** Keeps a record, if causes may need it. */
export function collect(evidence: Evidence, record: TraceRecord): void {
  if (!(KINDS as readonly string[]).includes(record.kind)) return;
  const kept = evidence[record.kind as KeptKind] as TraceRecord[];
  if (record.kind === 'exchange') {
    if (kept.length < MOST_EXCHANGES) kept.push(record);
  } else if (kept.length < MOST) kept.push(record);
  else evidence.dropped++;
}
