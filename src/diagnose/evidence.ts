import type { Host, Recorder, Stack, TraceRecord } from '../trace/index.ts';

/** So many records of a kind are kept; causes are told from far fewer. Bounds the memory of a long trace. */
const MOST = 100_000;
/** What holds a program up shows in its first exchanges. */
const MOST_EXCHANGES = 20_000;

const KINDS = [
  'stack',
  'unit',
  'connection',
  'block',
  'ready',
  'environment',
  'process',
  'note',
  'exchange',
] as const;
type Kind = (typeof KINDS)[number];
type Kept = { readonly [K in Kind]: Extract<TraceRecord, { kind: K }>[] };

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
  const kept = evidence[record.kind as Kind] as TraceRecord[];
  if (record.kind === 'exchange') {
    if (kept.length < MOST_EXCHANGES) kept.push(record);
  } else if (kept.length < MOST) kept.push(record);
  else evidence.dropped++;
}

/** Files of a language or of its packages: who reads the verdict can't mend a line in one. */
const LIBRARY =
  /[/\\](?:site-packages|dist-packages|node_modules|lib(?:64)?[/\\](?:python|pypy)\d[^/\\]*)[/\\]|^(?:node:|internal\/|<|wasm:)|[/\\]recorders[/\\](?:node|python)[/\\]|[/\\](?:abreast-probe\.cjs|sitecustomize\.py)$/;

/** Whether a file is of a language or of an installed package. */
export function isLibrary(file: string): boolean {
  return LIBRARY.test(file);
}

/** 'file:line' of the program's own line nearest to the request; the outermost line where all are of libraries. */
export function askingLine(stack: Stack | undefined): string | null {
  const frame = stack?.frames.find(({ file }) => !isLibrary(file)) ?? stack?.frames.at(-1);
  return frame === undefined ? null : `${frame.file}:${frame.line}`;
}
