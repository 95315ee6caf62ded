import { count, say } from '../view/index.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `timeout`, npm and launchers send a signal to the process and to its group: both are one interrupt. */
const SAME_MS = 200;
/** How long a second interrupt waits for what is under way, before it ends the process. */
const PATIENCE_MS = 3_000;

/** What interrupts end. */
export interface Interruptible {
  /** Requests that `stop` waits for. */
  underWay(): number;
  /** The first interrupt: start nothing new. `signal`: its name. */
  stop(signal: string): void;
  /** The second one: give up what is under way. */
  abort(): void;
}

/**
 * Stops `work` at the first Ctrl-C (or SIGTERM, SIGHUP) and aborts it at the next, until the returned function is
 * called. Prints at once what the first one waits for.
 */
export function onInterrupts(work: Interruptible): () => void {
  let seen = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  const handle = (signal: string) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < SAME_MS) return;
    lastMs = nowMs;
    seen++;
    if (seen === 1) {
      say(waitingText(work.underWay(), signal));
      work.stop(signal);
    } else if (seen === 2) {
      work.abort();
      setTimeout(leave, PATIENCE_MS).unref();
    } else leave();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}

function waitingText(requests: number, signal: string): string {
  const doing =
    requests === 0 ? 'stopping' : `finishing ${count(requests)} ${requests === 1 ? 'request' : 'requests'}`;
  return signal === 'SIGINT'
    ? `${doing}; press Ctrl-C again to abort`
    : `${signal}: ${doing}; a second signal aborts`;
}

/** Dies of SIGINT, 130 to a shell: process.exit() alone waits for a write to a pipe without a reader. */
function leave(): void {
  for (const signal of SIGNALS) process.removeAllListeners(signal);
  process.once('exit', () => process.kill(process.pid, 'SIGINT'));
  process.exit(130);
}
