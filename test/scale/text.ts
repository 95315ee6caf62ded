import type { Trial } from './faults/trial.ts';
import type { LoadFigures, Measured } from './load.ts';

const whole = (value: number) => Math.round(value).toLocaleString('en-US');
const tenths = (value: number) => value.toFixed(1);

/** CPU that a request takes, in ms: of all processes of abreast, and of the queue's server. */
export function cpuPerRequest({ cpuSeconds, counts }: Measured) {
  const each = (seconds: number) => (seconds * 1000) / counts.results;
  return {
    fetching: each(cpuSeconds.fetching),
    planning: each(cpuSeconds.planning),
    queue: each(cpuSeconds.queue),
    all: each(cpuSeconds.fetching + cpuSeconds.planning + cpuSeconds.queue),
  };
}

/** What the queue adds to the CPU of a request: against shards, which write the same chunk files. */
function costOfQueue({ queued, sharded }: LoadFigures): number {
  return cpuPerRequest(queued).all / cpuPerRequest(sharded).all - 1;
}

/** The same in a sentence. */
export function costSentence(figures: LoadFigures): string {
  const cost = costOfQueue(figures);
  const { queue, all } = cpuPerRequest(figures.queued);
  const server = figures.queue === 'redis' ? 'Redis' : 'PostgreSQL';
  return (
    `With the queue a GET takes ${Math.abs(cost * 100).toFixed(1)}% ${cost < 0 ? 'less' : 'more'} CPU than on shards, ` +
    `each of which reads all rows by itself; ${server} alone takes ${((queue / all) * 100).toFixed(1)}% of it.`
  );
}

/** The figures of a load as a Markdown table. */
export function loadTable(figures: LoadFigures): string {
  const { queued, sharded } = figures;
  const rows: readonly (readonly [string, (measured: Measured) => string])[] = [
    [
      'rows in the table, results, errors',
      ({ counts }) => [counts.rows, counts.results, counts.failed].map(whole).join(', '),
    ],
    ['GETs as the servers counted', ({ requests }) => whole(requests)],
    [
      'time until the last answer, until the last dump',
      (m) => `${tenths(m.fetchSeconds)} s, ${tenths(m.seconds)} s`,
    ],
    ['GETs a second', (m) => whole(m.counts.results / m.fetchSeconds)],
    ['CPU a GET: fetching', (m) => `${cpuPerRequest(m).fetching.toFixed(3)} ms`],
    ['CPU a GET: planning, collecting, crunch', (m) => `${cpuPerRequest(m).planning.toFixed(3)} ms`],
    ["CPU a GET: the queue's server", (m) => `${cpuPerRequest(m).queue.toFixed(3)} ms`],
    ['largest memory of a process that fetches', (m) => peakOf(m, /^(worker|shard)/)],
    [
      'memory of the coordinator until the crunch, with it',
      (m) =>
        `${m.peakBeforeCrunchMb === null ? '–' : `${whole(m.peakBeforeCrunchMb)} MB`}, ${peakOf(m, /^co/)}`,
    ],
    [
      `most in flight at an origin (allowed: ${figures.perOrigin})`,
      ({ mostInFlight }) => whole(mostInFlight),
    ],
    ...(figures.rate === null
      ? []
      : [
          [
            `most GETs a second at an origin, over 5 s (allowed: ${figures.rate})`,
            (m: Measured) => tenths(m.mostRate),
          ] as const,
        ]),
    [
      'chunk files, bytes of them a GET',
      (m) =>
        m.chunkFiles === 0 ? 'removed' : `${whole(m.chunkFiles)}, ${whole(m.chunkBytes / m.counts.results)}`,
    ],
  ];
  const title = `${figures.workers} workers on ${figures.queue === 'redis' ? 'Redis' : 'PostgreSQL'}`;
  return [
    `| ${whole(figures.count)} GETs of ${figures.delayMs} ms | ${title} | ${figures.workers} shards, no queue |`,
    '| --- | --- | --- |',
    ...rows.map(([label, of]) => `| ${label} | ${of(queued)} | ${of(sharded)} |`),
  ].join('\n');
}

function peakOf({ programs }: Measured, name: RegExp): string {
  const peak = Math.max(...programs.filter((program) => name.test(program.name)).map(({ peakMb }) => peakMb));
  return peak === 0 ? 'not seen' : `${whole(peak)} MB`;
}

/** One trial in a line. */
export function trialLine({ kind, at, counts, seconds, again, handedOnSeconds, wrong }: Trial): string {
  const handed = handedOnSeconds === null ? '' : `, handed on after ${tenths(handedOnSeconds)} s`;
  const came = counts === null ? 'no tables' : `${whole(counts.rows)} rows`;
  const judged = wrong.length === 0 ? 'ok' : `WRONG: ${wrong.join('; ')}`;
  return `${kind.padEnd(12)} at ${whole(at * 100)}%: ${came} in ${tenths(seconds)} s, ${whole(again)} fetched again${handed}: ${judged}`;
}

const WHAT: Readonly<Record<Trial['kind'], string>> = {
  worker: 'a worker is killed (-9)',
  coordinator: 'the coordinator is killed and resumed',
  redis: 'Redis is killed and restarted on its append-only file',
  postgres: 'PostgreSQL is killed and restarted',
  network: 'the network between a worker and Redis is cut, and comes back',
};

/** What came of all trials, as a Markdown table. */
export function faultTable(trials: readonly Trial[]): string {
  const kinds = [...new Set(trials.map(({ kind }) => kind))].sort();
  return [
    '| in the middle of a run | runs | nothing lost, nothing twice | GETs repeated, at most | handed on within |',
    '| --- | --- | --- | --- | --- |',
    ...kinds.map((kind) => {
      const these = trials.filter((trial) => trial.kind === kind);
      const good = these.filter(({ wrong }) => wrong.length === 0);
      const handed = these.map(({ handedOnSeconds }) => handedOnSeconds).filter((each) => each !== null);
      const latest = handed.length === 0 ? '–' : `${tenths(Math.max(...handed))} s`;
      return `| ${WHAT[kind]} | ${these.length} | ${good.length} | ${whole(Math.max(...these.map(({ again }) => again)))} | ${latest} |`;
    }),
  ].join('\n');
}
