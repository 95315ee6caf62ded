import { askingLine, shortPlace } from '../../diagnose/browser.ts';
import type { Exchange, Stack } from '../../trace/browser.ts';
import { BECAUSE_WORDS, resultOf } from './labels.ts';
import { SEGMENT_KINDS, SEGMENT_WORDS, type Segments, waitedFor } from './segments.ts';
import type { TimeColumns } from './times.ts';

/** What a cell has: a text, or a number of milliseconds; null: nothing. */
export type Cell = string | number | null;

/** A column of the table of exchanges. */
export interface TableColumn {
  readonly id: string;
  readonly title: string;
  /** What it means, where the title alone does not say it. */
  readonly meaning?: string;
  /** Its cells are milliseconds: aligned, and longest first when they are sorted by. */
  readonly isTime: boolean;
  /** Of the exchange at a place. */
  readonly cellOf: (at: number) => Cell;
}

/** What the table is made of. */
export interface TableSource {
  readonly exchange: readonly Exchange[];
  readonly stack: readonly Stack[];
}

/** The columns of the table: those in which no exchange has anything are left out. */
export function columnsOf(
  source: TableSource,
  times: TimeColumns,
  segments: Segments,
): readonly TableColumn[] {
  const { exchange: exchanges } = source;
  const msOf = (us: number) => us / 1_000;
  const text = (id: string, title: string, of: (exchange: Exchange) => string | undefined): TableColumn => ({
    id,
    title,
    isTime: false,
    cellOf: (at) => of(exchanges[at]!) ?? null,
  });
  const time = (id: string, title: string, meaning: string, usOf: (at: number) => number): TableColumn => ({
    id,
    title,
    meaning,
    isTime: true,
    cellOf: (at) => msOf(usOf(at)),
  });
  const lines = new Map(
    source.stack.flatMap((stack) => {
      const line = askingLine(stack);
      return line === null ? [] : [[stack.id, shortPlace(line)]];
    }),
  );
  const columns = [
    text('url', 'request', ({ method = 'GET', url, origin }) =>
      method === 'GET' ? (url ?? origin) : `${method} ${url ?? origin}`,
    ),
    text('result', 'result', resultOf),
    time(
      'start',
      'wanted at',
      'since the first request was wanted',
      (at) => times.wanted[at]! - times.fromUs,
    ),
    ...SEGMENT_KINDS.map((kind, place) =>
      time(kind, TITLES[kind], SEGMENT_WORDS[kind], (at) => waitedFor(segments, at)[place]!),
    ),
    time('all', 'in all', 'from wanted to its end', (at) => times.end[at]! - times.wanted[at]!),
    text('because', 'why', ({ because = 'first' }) =>
      because === 'first' ? undefined : BECAUSE_WORDS[because],
    ),
    text('connection', 'connection', ({ connection }) => textOf(connection)),
    text('thread', 'thread', ({ thread }) => textOf(thread)),
    text('unit', 'unit', ({ unit }) => textOf(unit)),
    text('line', 'requested at', ({ stack }) => lines.get(stack ?? NONE)),
  ];
  return columns.filter(({ cellOf, isTime }) => isTime || exchanges.some((_, at) => cellOf(at) !== null));
}

const NONE = -1;

const TITLES = {
  queued: 'queued',
  name: 'name',
  connect: 'connect',
  handshake: 'TLS',
  blocked: 'blocked',
  answer: 'server',
  read: 'read',
} as const;

function textOf(id: number | null | undefined): string | undefined {
  return typeof id === 'number' ? String(id) : undefined;
}

/** The places of exchanges sorted by a column: times longest first, texts from a to z, nothing last; or the reverse. */
export function sortedBy(
  { cellOf, isTime }: TableColumn,
  places: Int32Array,
  isReversed: boolean,
): Int32Array {
  const cells = new Map<number, Cell>();
  for (const at of places) cells.set(at, cellOf(at));
  const sign = isTime === isReversed ? 1 : -1;
  return places.toSorted((a, b) => {
    const [one, other] = [cells.get(a)!, cells.get(b)!];
    if (one === other) return a - b;
    if (one === null || other === null) return one === null ? 1 : -1;
    return sign * (isSmaller(one, other) ? -1 : 1) || a - b;
  });
}

/** Ids are compared as numbers. */
function isSmaller(one: string | number, other: string | number): boolean {
  const [a, b] = [Number(one), Number(other)];
  return Number.isNaN(a) || Number.isNaN(b) ? one < other : a < b;
}

/** The mean of a column of times over exchanges, in milliseconds; null where there are none. */
export function meanOf({ cellOf, isTime }: TableColumn, places: Int32Array): number | null {
  if (!isTime || places.length === 0) return null;
  return places.reduce((sum, at) => sum + (cellOf(at) as number), 0) / places.length;
}
