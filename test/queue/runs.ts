import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDistribution, type QueueOptions } from '../../src/queue/coordinator/distribution.ts';
import { startWorker, type WorkerOptions, type WorkerRun } from '../../src/queue/worker/worker.ts';
import type { Report } from '../../src/report/report.ts';
import type { RunOptions } from '../../src/report/run/options.ts';
import { startReal } from '../report/run/real.ts';
import type { Ends } from './servers.ts';
import { SHORT } from './timings.ts';

/** A site that counts what it is asked for. */
export interface Site {
  readonly url: string;
  /** How often each path was asked for. */
  readonly asked: Map<string, number>;
  readonly mostInFlight: number;
  /** What it answers with, after `delayMs`. */
  answer: (path: string, response: ServerResponse) => void;
  delayMs: number;
}

export async function startSite(t: Ends): Promise<Site> {
  let inFlight = 0;
  let mostInFlight = 0;
  const server = createServer((request, response) => {
    site.asked.set(request.url!, (site.asked.get(request.url!) ?? 0) + 1);
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    response.once('close', () => inFlight--);
    setTimeout(() => site.answer(request.url!, response), site.delayMs).unref();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const site = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: new Map<string, number>(),
    get mostInFlight() {
      return mostInFlight;
    },
    answer: (path: string, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path }));
    },
    delayMs: 0,
  };
  return site;
}

/** A worker of this process. */
export function worker(t: Ends, queue: string, options: Partial<WorkerOptions> = {}): WorkerRun {
  const run = startWorker(
    { queue, version: '0', env: {}, concurrency: null, idleMs: null, tell: () => {}, ...options },
    SHORT,
  );
  run.finished.catch(() => {});
  t.after(async () => {
    run.abort();
    await run.finished.catch(() => {});
  });
  return run;
}

/** A report of this process, whose chunks go through the queue. It ends with its test: it would wait for workers for ever. */
export async function report(
  t: Ends,
  report: Report,
  queue: string,
  { run = {}, ...options }: Partial<QueueOptions> & { readonly run?: Partial<RunOptions> } = {},
) {
  const distribution = await openDistribution(
    { queue, parts: null, version: '0', testServer: null, chunkRows: 10, tell: () => {}, ...options },
    SHORT,
  );
  const started = startReal(report, { ...run, distribution });
  t.after(async () => {
    started.abort();
    await started.finished.catch(() => {}); // the test that waits for it gets the error
  });
  return { distribution, run: started };
}

/** A process of a script beside this file, and the lines of JSON that it prints. */
export interface Process {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  /** The first line for which this is so. */
  line(isIt: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  kill(): Promise<void>;
  readonly ended: Promise<unknown>;
}

export function start(
  t: Ends,
  script: 'worker' | 'coordinator',
  options: object,
  env: Record<string, string> = {},
): Process {
  const path = new URL(`./processes/${script}.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, [path, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(JSON.parse(line)));
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  t.after(kill);
  return {
    child,
    lines,
    ended,
    kill,
    async line(isIt) {
      for (;;) {
        const line = lines.find(isIt);
        if (line !== undefined) return line;
        await sleep(20);
      }
    },
  };
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}
