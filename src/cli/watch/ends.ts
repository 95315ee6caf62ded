import { closeSync, openSync } from 'node:fs';
import { callAfter, durationMs } from '../../fetch/index.ts';
import type { Launched } from '../../watch/index.ts';

const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const HARDER: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGKILL'];
/** How long a program may take to end before it gets a stronger signal. */
const PATIENCE_MS = 2_000;

/**
 * Ends the program, not us, when somebody ends us: the verdict of what was seen still comes. A second Ctrl-C is
 * passed on as SIGTERM, a third as SIGKILL.
 */
export class EndsOnSignals {
  /** `--for` ended it. */
  byTime = false;
  /** Somebody asked for an end, by Ctrl-C or another signal. */
  isInterrupted = false;
  readonly #forMs: number | undefined;
  readonly #cancels: (() => void)[] = [];
  #program: Launched | undefined;
  #interrupts = 0;

  constructor(time: string | undefined) {
    this.#forMs = time === undefined ? undefined : durationMs(time, '--for');
    process.on('SIGINT', this.#interrupt);
    for (const signal of PASSED_ON) process.on(signal, this.#passOn);
  }

  readonly begin = (program: Launched): void => {
    this.#program = program;
    if (this.#forMs === undefined) return;
    HARDER.forEach((signal, step) => {
      const end = () => {
        this.byTime = true;
        program.signalAll(signal);
      };
      this.#cancels.push(callAfter(this.#forMs! + step * PATIENCE_MS, end));
    });
  };

  /** It has ended. What comes now ends us. */
  over(): void {
    for (const cancel of this.#cancels) cancel();
    process.off('SIGINT', this.#interrupt);
    for (const signal of PASSED_ON) process.off(signal, this.#passOn);
  }

  /** A terminal has sent it to the program as well. */
  readonly #interrupt = (): void => {
    this.isInterrupted = true;
    const step = this.#interrupts++;
    if (step === 0 && hasTerminal()) return;
    this.#program?.signal(HARDER[Math.min(step, HARDER.length - 1)]!);
  };

  readonly #passOn = (signal: NodeJS.Signals): void => {
    this.isInterrupted = true;
    this.#program?.signal(signal);
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
