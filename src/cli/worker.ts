import { Command, Option } from 'commander';
import { type Duration, durationMs } from '../fetch/index.ts';
import { version } from '../package/index.ts';
import type { WorkerEvent } from '../queue/index.ts';
import { count } from '../view/index.ts';
import { duration, positive } from './get/values.ts';
import { onInterrupts } from './interrupts.ts';
import { leaveSoon } from './leave.ts';
import { exitCodeOf, isForUser } from './usage.ts';

/** What a user typed after `abreast worker`. */
interface WorkerFlags {
  readonly queue?: string;
  readonly concurrency?: number;
  readonly exitWhenIdle?: Duration;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  abreast worker --queue redis://queue.example.com:6379
  ABREAST_QUEUE=postgres://me@db/work abreast worker --exit-when-idle 5m

It may start before any report. It fetches for every report of the queue, within
the limits of each, and takes the report, its rows and the place of its results
from there; variables that a report names come from its own environment.
Ctrl-C or SIGTERM: it finishes the chunks it has; a second one gives them back.

Exit codes: 0 ended as asked; 2 bad usage, or a queue that can't be used;
130 interrupted twice.
`;

/** \`abreast worker\`: fetches for reports that run with --queue. */
export function workerCommand(): Command {
  return new Command('worker')
    .summary('fetch for reports of a queue, on as many machines as you have')
    .description('Fetch for all reports that run with the same --queue, on this machine.')
    .addOption(
      new Option('--queue <url>', 'redis://… or postgres://…').env('ABREAST_QUEUE').makeOptionMandatory(),
    )
    .option(
      '-c, --concurrency <n>',
      'at most this many requests in flight here (default: as many as a report has)',
      positive,
    )
    .option('--exit-when-idle <duration>', 'end after this time without work (default: never)', duration)
    .option('--json', 'what happens, as lines of JSON on standard output')
    .option('-q, --quiet', 'print only what keeps it from working')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: WorkerFlags, command: Command) => {
      try {
        process.exitCode = await work(flags);
      } catch (error) {
        if (!isForUser(error)) throw error;
        command.error(`error: ${error.message}`, { exitCode: exitCodeOf(error) });
      }
    });
}

async function work(flags: WorkerFlags): Promise<number> {
  const { startWorker } = await import('../queue/index.ts');
  let isAborted = false;
  const worker = startWorker({
    queue: flags.queue!,
    version: version(),
    env: process.env,
    concurrency: flags.concurrency ?? null,
    idleMs: flags.exitWhenIdle === undefined ? null : durationMs(flags.exitWhenIdle, '--exit-when-idle'),
    tell: (event) => tell(event, flags),
  });
  const release = onInterrupts({
    underWay: () => worker.progress().inFlight,
    stop: () => worker.stop(),
    abort: () => {
      isAborted = true;
      worker.abort();
    },
  });
  try {
    const { chunks, rows } = await worker.finished;
    if (flags.json) console.log(JSON.stringify({ event: 'ended', chunks, rows }));
    else if (!flags.quiet) console.error(`fetched ${count(rows)} rows in ${count(chunks)} chunks`);
    return isAborted ? 130 : 0;
  } finally {
    release();
    leaveSoon();
  }
}

function tell(event: WorkerEvent, { json, quiet }: WorkerFlags): void {
  if (json) console.log(JSON.stringify(event));
  const text = textOf(event);
  const isTrouble = event.event === 'cannot' || event.event === 'away';
  if (text !== null && (isTrouble || !(quiet || json))) console.error(text);
}

function textOf(event: WorkerEvent): string | null {
  switch (event.event) {
    case 'ready':
      return `waiting for work at ${event.queue}`;
    case 'cannot':
      return event.why === null
        ? `works on run ${event.run} again`
        : `can't work on run ${event.run}: ${event.why}`;
    case 'away':
      return event.why === null ? `the queue is there again` : `the queue ${event.why}; trying again`;
    case 'idle':
      return 'nothing to do any more';
    case 'fetched':
      return null;
  }
}
