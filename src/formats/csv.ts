/** A trace as CSV (RFC 4180): a line for each exchange, times in milliseconds since the run began. */
import { stringify } from 'csv-stringify/sync';
import { askingLine, timesOf } from '../diagnose/index.ts';
import type { Exchange } from '../trace/index.ts';
import { endOf, exchangesOf, type Recorded, type Surroundings, surroundingsOf } from './recorded.ts';

const FIELDS = ['id', 'request', 'attempt', 'because', 'method', 'url', 'origin', 'status', 'error'] as const;
const STEPS = ['wanted', 'called', 'dispatched', 'connected', 'sent', 'answered', 'read', 'failed'] as const;
const PLACES = ['connection', 'ordinal', 'pid', 'thread', 'unit'] as const;

const COLUMNS = [
  ...FIELDS,
  'at',
  'started',
  ...STEPS.map((step) => `${step}_ms`),
  'duration_ms',
  'in_flight_ms',
  ...PLACES,
  'bytes_up',
  'bytes_down',
];

/** The text of the file, in pieces. */
export async function* csvText(recorded: Recorded): AsyncGenerator<string> {
  const surroundings = await surroundingsOf(recorded);
  yield text([COLUMNS]);
  for await (const batch of exchangesOf(recorded))
    for (let at = 0; at < batch.length; at += AT_ONCE)
      yield text(batch.slice(at, at + AT_ONCE).map((exchange) => rowOf(exchange, surroundings)));
}

const AT_ONCE = 1_000;

/** A spreadsheet would run a cell that looks like a formula. */
function text(rows: readonly (readonly unknown[])[]): string {
  return stringify(rows as unknown[][], { escape_formulas: true, record_delimiter: '\r\n' });
}

function rowOf(exchange: Exchange, surroundings: Surroundings): readonly unknown[] {
  const { run, stacks } = surroundings;
  const times = timesOf(exchange);
  const end = times === undefined ? 0 : endOf(times, surroundings);
  const stack = stacks.get(exchange.stack ?? -1);
  return [
    ...FIELDS.map((field) => exchange[field]),
    stack === undefined ? null : askingLine(stack),
    times === undefined ? null : new Date((run.startedUs + times.wanted) / 1_000).toISOString(),
    ...STEPS.map((step) => ms(exchange[`${step}Us`])),
    times === undefined ? null : ms(end - times.wanted),
    times === undefined || times.sent > end ? null : ms(end - times.sent),
    ...PLACES.map((place) => exchange[place]),
    exchange.bytesUp,
    exchange.bytesDown,
  ];
}

function ms(us: number | null | undefined): number | null {
  return us == null ? null : us / 1_000;
}
