import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server with data on disk, which can be killed and started again on the same data and port. */
export interface Daemon {
  /** What a client connects to: redis://… or postgres://… */
  readonly url: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** kill -9: nothing is flushed, nobody is told. */
  kill(): Promise<void>;
  /** Starts it again; returns when it answers. */
  start(): Promise<void>;
  /** Ends it and removes its data. Also after `kill`. */
  close(): Promise<void>;
}

export interface Plan {
  readonly url: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly options?: Pick<SpawnOptions, 'uid' | 'gid' | 'env'>;
  /** Its data and scratch files; `close` removes it. */
  readonly folder: string;
  /** Ends it without waiting for its clients. */
  readonly stopSignal: NodeJS.Signals;
  /** Rejects as long as it does not answer as it should. */
  greet(): Promise<void>;
}

const READY_MS = 60_000;

/** Starts what the plan says; returns when it answers. @throws with what it printed, where it does not */
export async function startDaemon(plan: Plan): Promise<Daemon> {
  let child: ChildProcess;
  const start = async () => {
    child = await answering(plan, Date.now() + READY_MS);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (!isRunning(child)) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  const killed = () => child.kill('SIGKILL');
  const close = async () => {
    process.off('exit', killed);
    await end(plan.stopSignal);
    rmSync(plan.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  await start();
  process.once('exit', killed); // when a test fails before it closes it
  return {
    url: plan.url,
    get pid() {
      return child.pid!;
    },
    kill: () => end('SIGKILL'),
    start,
    close,
  };
}

/** A child that answers. One that ends at once is started again: after a kill, PostgreSQL waits for its own processes. */
async function answering(plan: Plan, deadline: number): Promise<ChildProcess> {
  for (;;) {
    let said = '';
    const child = spawn(plan.command, plan.args, { ...plan.options, stdio: ['ignore', 'pipe', 'pipe'] });
    const listen = (bytes: Buffer) => {
      said = `${said}${bytes}`.slice(-4096);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    while (isRunning(child)) {
      if (await greets(plan)) return child;
      if (Date.now() > deadline) child.kill('SIGKILL');
      await sleep(50);
    }
    if (Date.now() > deadline)
      throw new Error(`${plan.command} does not answer at ${plan.url}: ${said.trim()}`);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function greets(plan: Plan): Promise<boolean> {
  try {
    await plan.greet();
    return true;
  } catch {
    return false; // not yet: what it prints says why
  }
}
