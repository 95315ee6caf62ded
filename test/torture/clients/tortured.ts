import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../case.ts';
import type { Order, Told } from './abreast.ts';

const PROGRAM = join(import.meta.dirname, 'abreast.ts');
/** How often its memory is looked at. */
const LOOK_MS = 50;
const PAGE_KB = 4;

/** What came of some runs in the process under torture. */
export interface Account {
  /** Every outcome that was told, in order; more than one where a result came twice. */
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>;
  /** How the process ended, where it did; with the last words of it. */
  readonly crash: string | null;
  /** The runs did not end in time. */
  readonly hung: boolean;
  /** What they left open. */
  readonly open: readonly string[];
  readonly peakMb: number;
}

/** The process under torture, started again whenever it has crashed or hung. */
export class Tortured {
  readonly #door: string;
  readonly #mostMb: number;
  #child: ChildProcess | null = null;
  #stderr = '';

  /** `door`: the file of the built package that a program imports. `mostMb`: it is killed when it takes more. */
  constructor(door: string, mostMb: number) {
    this.#door = door;
    this.#mostMb = mostMb;
  }

  /** Runs them side by side, and waits for their end, a crash, or the time to be over. */
  async run(order: Order, timeoutMs: number): Promise<Account> {
    this.#child ??= await this.#start();
    const child = this.#child;
    const outcomes = new Map<string, Outcome[]>();
    const ended = Promise.withResolvers<Pick<Account, 'crash' | 'hung' | 'open'>>();
    let peakMb = 0;
    let tooBig = false;
    const onMessage = (told: Told): void => {
      if (told.kind === 'result') {
        const before = outcomes.get(told.id);
        if (before === undefined) outcomes.set(told.id, [told.outcome]);
        else before.push(told.outcome);
      } else if (told.kind === 'ended') {
        peakMb = Math.max(peakMb, told.peakKb / 1024);
        ended.resolve({ crash: null, hung: false, open: told.open });
      }
    };
    const onExit = (code: number | null, signal: string | null): void => {
      const how = tooBig ? `it took more than ${this.#mostMb} MB` : `it ended with ${signal ?? code}`;
      ended.resolve({ crash: `${how}\n${this.#stderr.slice(-2000)}`.trim(), hung: false, open: [] });
    };
    const memory = setInterval(() => {
      const mb = residentMb(child.pid!);
      peakMb = Math.max(peakMb, mb);
      if (mb <= this.#mostMb) return;
      tooBig = true;
      child.kill('SIGKILL');
    }, LOOK_MS);
    const timer = setTimeout(() => ended.resolve({ crash: null, hung: true, open: [] }), timeoutMs);
    child.on('message', onMessage).once('close', onExit);
    child.send(order);
    const account = await ended.promise;
    clearTimeout(timer);
    clearInterval(memory);
    child.off('message', onMessage).off('close', onExit);
    if (account.crash !== null || account.hung) await this.stop();
    return { ...account, outcomes, peakMb };
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  }

  /** Lets it end by itself. false when something keeps it, and it has to be killed. */
  async leave(timeoutMs: number): Promise<boolean> {
    const child = this.#child;
    if (child === null) return true;
    child.disconnect();
    const gone = await Promise.race([
      once(child, 'exit').then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, timeoutMs, false).unref()),
    ]);
    await this.stop();
    return gone;
  }

  async #start(): Promise<ChildProcess> {
    this.#stderr = '';
    const child = fork(PROGRAM, [this.#door], {
      execArgv: ['--expose-gc'],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.stderr!.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-10_000);
    });
    await once(child, 'message');
    return child;
  }
}

/** Memory of a process as Linux counts it; 0 elsewhere, where it tells by itself at the end. */
function residentMb(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_KB) / 1024;
  } catch {
    return 0;
  }
}
