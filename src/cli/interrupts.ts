const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long a second interrupt waits for what is under way, before it ends the process. */
const PATIENCE_MS = 3_000;

/** Calls `first` at the first Ctrl-C (or SIGTERM, SIGHUP) and `second` at the next, until the returned function is called. */
export function onInterrupts(first: (signal: string) => void, second: () => void): () => void {
  let seen = 0;
  const handle = (signal: string) => {
    seen++;
    if (seen === 1) first(signal);
    else if (seen === 2) {
      second();
      setTimeout(() => process.exit(130), PATIENCE_MS).unref();
    } else process.exit(130);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}
