/** A server may be gone when a process ends: nobody waits for it for longer. */
const GOODBYE_MS = 3000;

/**
 * Waits for an end that needs the server, and for what it has to say against it: not for ever, unless there is other
 * work to wait for. Returns whether it came.
 */
export async function goodbye(ending: Promise<unknown>, mayLast = () => false): Promise<boolean> {
  const ended = ending.then(
    () => true,
    () => true,
  );
  for (;;) {
    const late = Promise.withResolvers<false>();
    const timer = setTimeout(() => late.resolve(false), GOODBYE_MS);
    const hasEnded = await Promise.race([ended, late.promise]);
    clearTimeout(timer);
    if (hasEnded || !mayLast()) return hasEnded;
  }
}
