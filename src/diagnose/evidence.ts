import type { Stack, TraceRecord } from '../trace/index.ts';

/** So many records of a kind are kept; causes are told from far fewer. Bounds the memory of a long trace. */
const MOST = 100_000;

const KINDS = ['stack', 'connection', 'block', 'ready', 'environment', 'process', 'note'] as const;
type Kind = (typeof KINDS)[number];
type Kept = { readonly [K in Kind]: Extract<TraceRecord, { kind: K }>[] };

/** What a trace holds beside its exchanges, by kind: where the causes look. */
export interface Evidence extends Kept {
  /** Records beyond what is kept. */
  dropped: number;
}

/** Evidence of nothing yet. */
export function noEvidence(): Evidence {
  return {
    stack: [],
    connection: [],
    block: [],
    ready: [],
    environment: [],
    process: [],
    note: [],
    dropped: 0,
  };
}

/** Keeps a record, if causes may need it. */
export function collect(evidence: Evidence, record: TraceRecord): void {
  if (!(KINDS as readonly string[]).includes(record.kind)) return;
  const kept = evidence[record.kind as Kind] as TraceRecord[];
  if (kept.length < MOST) kept.push(record);
  else evidence.dropped++;
}

/** Files of a language or of its packages: who reads the verdict can't mend a line in one. */
const LIBRARY =
  /[/\\](?:site-packages|dist-packages|node_modules|lib(?:64)?[/\\]python\d[^/\\]*)[/\\]|^(?:node:|internal\/|<)/;

/** 'file:line' of the program's own line nearest to the request; the outermost line where all are of libraries. */
export function askingLine(stack: Stack | undefined): string | null {
  const frame = stack?.frames.find(({ file }) => !LIBRARY.test(file)) ?? stack?.frames.at(-1);
  return frame === undefined ? null : `${frame.file}:${frame.line}`;
}
