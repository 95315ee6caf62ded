import { type Times, timesOf } from '../diagnose/index.ts';
import type { Exchange } from '../trace/index.ts';
import { duration } from './numbers.ts';
import { paint } from './paint.ts';
import { WIDTH } from './wrap.ts';

/** Of the columns, for names. */
const NAME_SHARE = 0.3;

/** Where lines are printed, and how wide they may be. */
export interface Terminal {
  readonly stream?: NodeJS.WriteStream;
  readonly columns?: number;
}

/** What a column shows of an exchange: its latest step that was reached in it. */
const MARKS = { waiting: '·', opening: '-', connected: '~', sent: '█', failed: '×' } as const;

/** Exchanges one under another, on one scale of time. `total` is how many there are, `wallMs` how long they took. */
export function waterfallLines(
  exchanges: readonly Exchange[],
  total: number,
  wallMs: number,
  { stream = process.stderr, columns = WIDTH }: Terminal = {},
): readonly string[] {
  const rows = exchanges.flatMap((exchange) => {
    const times = timesOf(exchange);
    return times === undefined ? [] : [{ exchange, times }];
  });
  if (rows.length < 2) return [];
  const fromUs = Math.min(...rows.map(({ times }) => times.wanted));
  const isOpen = rows.some(({ times }) => times.end === Infinity);
  const toUs = Math.max(isOpen ? fromUs + wallMs * 1e3 : 0, ...rows.map(({ times }) => lastOf(times)));
  const name = Math.floor(NAME_SHARE * columns);
  const scale: Scale = { fromUs, toUs: Math.max(toUs, fromUs + 1), columns: columns - name - 1 };
  const span = duration((scale.toUs - fromUs) / 1e3);
  const title = total > rows.length ? `the first ${rows.length} of ${total}` : '';
  return [
    paint('faint', `${title.padEnd(name)} 0${span.padStart(scale.columns - 1)}`, stream),
    ...rows.map(
      ({ exchange, times }) => `${nameOf(exchange, name)} ${barOf(times, exchange, scale, stream)}`,
    ),
    paint('faint', `${' '.repeat(name)} · waits  - connects  ~ waits to send  █ sent`, stream),
  ];
}

interface Scale {
  readonly fromUs: number;
  readonly toUs: number;
  readonly columns: number;
}

function lastOf({ wanted, dispatched, connected, sent, answered, end }: Times): number {
  return [end, answered, sent, connected, dispatched].find((time) => time !== Infinity) ?? wanted;
}

function barOf(times: Times, exchange: Exchange, scale: Scale, stream: NodeJS.WriteStream): string {
  const column = (time: number) =>
    Math.min(
      scale.columns,
      Math.floor(((time - scale.fromUs) / (scale.toUs - scale.fromUs)) * scale.columns),
    );
  const from = Math.min(scale.columns - 1, column(times.wanted));
  const to = Math.max(from + 1, column(times.end));
  let bar = ' '.repeat(from);
  for (let at = from; at < to; at++) {
    // Judged by the column's end: what began in it shows.
    const time = scale.fromUs + ((at + 1) / scale.columns) * (scale.toUs - scale.fromUs);
    if (times.sent < time) bar += MARKS.sent;
    else if (times.connected < time) bar += MARKS.connected;
    else if (times.dispatched < time) bar += MARKS.opening;
    else bar += MARKS.waiting;
  }
  return typeof exchange.error === 'string'
    ? paint('bad', `${bar.slice(0, -1)}${MARKS.failed}`, stream)
    : bar;
}

/** The end of the URL, where URLs differ. */
function nameOf({ url, origin, method }: Exchange, columns: number): string {
  const path = url?.replace(/^\w+:\/\/[^/?#]*/, '') ?? origin.replace(/^\w+:\/\//, '');
  const name = `${method ?? ''} ${path}`.trim();
  return (name.length > columns ? `…${name.slice(1 - columns)}` : name).padEnd(columns);
}
