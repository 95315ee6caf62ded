import { readFileSync, writeFileSync } from 'node:fs';
import type { LoadFigures } from './load.ts';
import type { QueueKind } from './options.ts';
import { PRICES } from './prices.ts';
import { cpuPerRequest } from './text.ts';

const FILE = new URL('./figures.json', import.meta.url);

/** What was measured last, by queue. */
export type Figures = Readonly<Partial<Record<QueueKind, LoadFigures>>>;

export function readFigures(): Figures {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'));
  } catch {
    return {};
  }
}

export function writeFigures(figures: LoadFigures): void {
  writeFileSync(FILE, `${JSON.stringify({ ...readFigures(), [figures.queue]: figures }, null, 2)}\n`);
}

/** What the paper assumes, beside what was measured. */
const DAY = {
  gets: 100_000_000,
  answerSeconds: 0.5,
  /** Of a machine's processors; the rest is for HTTPS, larger bodies and bad moments. */
  utilization: 0.4,
  chunkRows: 500,
} as const;

/** Requests of S3 for a chunk: its rows and its results are written once; its rows are read, and its results twice. */
export const S3_REQUESTS = { puts: 2, gets: 3 } as const;

/** 100,000,000 GETs a day, from the figures of Redis, and those of PostgreSQL beside them. @throws where there are none */
export function paper({ redis, postgres }: Figures): string {
  if (redis === undefined) throw new Error('there are no figures yet: npm run scale -- --write');
  const { queued, sharded } = redis;
  const cpu = cpuPerRequest(queued);
  const perSecond = DAY.gets / 86_400;
  const processors = (perSecond * cpu.fetching) / 1000 / DAY.utilization;
  const machines = Math.ceil(processors / PRICES.machineProcessors);
  const chunks = DAY.gets / DAY.chunkRows;
  const puts = S3_REQUESTS.puts * chunks;
  const gets = S3_REQUESTS.gets * chunks;
  const gigabytes = (DAY.gets * sharded.chunkBytes) / sharded.counts.results / 1e9;
  const collectSeconds = ((sharded.seconds - sharded.fetchSeconds) * DAY.gets) / sharded.counts.results;
  const dollars = {
    machines: machines * 24 * PRICES.machineHour,
    queue: 24 * PRICES.queueHour,
    requests: (puts * PRICES.putsPerThousand + gets * PRICES.getsPerThousand) / 1000,
    storage: (gigabytes * PRICES.storagePerGbMonth) / 30,
  };
  const load = (figures: LoadFigures | undefined) =>
    figures === undefined
      ? 'not measured'
      : `${((perSecond * cpuPerRequest(figures.queued).queue) / 10).toFixed(1)}% of one processor`;
  const rows: readonly (readonly [string, string, string])[] = [
    ['GETs a second', whole(perSecond), '100,000,000 / 86,400'],
    ['in flight', whole(perSecond * DAY.answerSeconds), `answers of ${DAY.answerSeconds} s`],
    [
      'processors that fetch',
      processors.toFixed(1),
      `${cpu.fetching.toFixed(2)} ms a GET, ${DAY.utilization * 100}% busy; measured over plain HTTP with small bodies`,
    ],
    ['machines', `${machines}`, `of ${PRICES.machineProcessors} processors, one worker for each processor`],
    [
      'GETs a second that one coordinator keeps up with',
      whole(1000 / cpu.planning),
      `${cpu.planning.toFixed(3)} ms a GET, crunch and all, on one processor`,
    ],
    ['chunks', `${whole(chunks)}, ${(chunks / 86_400).toFixed(1)} a second`, `of ${DAY.chunkRows} rows`],
    ['Redis', load(redis), `${cpu.queue.toFixed(4)} ms a GET`],
    [
      'PostgreSQL instead',
      load(postgres),
      postgres === undefined ? '' : `${cpuPerRequest(postgres.queued).queue.toFixed(4)} ms a GET`,
    ],
    [
      'S3 requests',
      `${whole(puts)} PUTs, ${whole(gets)} GETs`,
      `${S3_REQUESTS.puts} and ${S3_REQUESTS.gets} for a chunk`,
    ],
    [
      'S3 bytes',
      `${whole(gigabytes)} GB`,
      `${whole(sharded.chunkBytes / sharded.counts.results)} bytes a GET, compressed`,
    ],
    [
      'collecting, crunch and dump',
      `${(collectSeconds / 3600).toFixed(1)} hours`,
      `${(((sharded.seconds - sharded.fetchSeconds) * 1e6) / sharded.counts.results).toFixed(0)} s a million rows, on one machine`,
    ],
    [
      'cost of a day',
      `$${money(dollars.machines + dollars.queue + dollars.requests + dollars.storage)}`,
      `machines $${money(dollars.machines)}, queue $${money(dollars.queue)}, S3 requests $${money(dollars.requests)}, a day of storage $${money(dollars.storage)}`,
    ],
  ];
  return [
    `From the figures above; prices of ${PRICES.asOf}, ${PRICES.where} (\`test/scale/prices.ts\`); no network transfer.`,
    '',
    '| a day of 100,000,000 GETs | | from |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const money = (value: number) => value.toFixed(2);
