import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueError } from '../error.ts';
import { type Ledger, type RunState, type Seen, withoutSilent } from '../ledger/ledger.ts';
import type { Amounts } from '../ledger/shares.ts';
import type { Timings } from '../ledger/timings.ts';

/** The coordinator of a run, for its document. */
export interface Coordinator {
  readonly id: string;
  readonly run: string;
  readonly version: string;
  readonly limits: Amounts;
}

/**
 * Becomes the coordinator of the run; a run has only one. A coordinator that was killed is still in the document, so this
 * waits a few beats to see whether it is alive. @throws QueueError if another process is the coordinator
 */
export async function takePlace(ledger: Ledger, self: Coordinator, timings: Timings): Promise<void> {
  const askedMs = performance.now();
  let first: Seen | null = null;
  for (;;) {
    const other = await ledger.change<Seen | null>((state, nowUs) => {
      const there = state?.coordinator ?? null;
      if (there !== null && !isGone(there, nowUs, timings)) return { result: there };
      return { state: begun(state, self, nowUs), result: null };
    });
    if (other === null) return;
    first ??= other;
    if (other.id !== first.id || other.seenUs !== first.seenUs) throw taken(self, other);
    // By now it should count as gone: the server's clock and ours disagree.
    if (performance.now() - askedMs > 2 * timings.silentMs) throw taken(self, other);
    await sleep(timings.beatMs / 2);
  }
}

/** Writes that the coordinator is alive. Returns the state, without silent members. @throws QueueError if another process is the coordinator now */
export async function keepPlace(
  ledger: Ledger,
  self: Coordinator,
  timings: Timings,
  wish: RunState['wish'],
): Promise<RunState> {
  return ledger.change((state, nowUs) => {
    const there = state?.coordinator ?? null;
    if (there !== null && there.id !== self.id) throw taken(self, there);
    const known = state ?? { ...newState(self), lostUs: nowUs };
    const kept = withoutSilent(known, nowUs, timings.silentMs);
    const after = { ...kept, wish, coordinator: seen(self, nowUs) };
    return { state: after, result: after };
  });
}

/** Ends being the coordinator. `wish`: what the workers shall do now; null: the run is over, and its document is removed. */
export async function leavePlace(
  ledger: Ledger,
  self: Coordinator,
  wish: RunState['wish'] | null,
): Promise<void> {
  await ledger.change((state) => {
    if (state === null || state.coordinator?.id !== self.id) return { result: undefined };
    return { state: wish === null ? null : { ...state, wish, coordinator: null }, result: undefined };
  });
}

/** Whether a process has ended. On this machine the system knows it; on another one only its silence shows it. */
function isGone({ host, pid, seenUs }: Seen, nowUs: number, { silentMs }: Timings): boolean {
  if (nowUs - seenUs > silentMs * 1000) return true;
  if (host !== hostname()) return false;
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function begun(state: RunState | null, self: Coordinator, nowUs: number): RunState {
  const { version, limits } = self;
  return {
    ...(state ?? newState(self)),
    version,
    limits,
    wish: 'go on',
    coordinator: seen(self, nowUs),
  };
}

function newState({ version, limits }: Coordinator): RunState {
  return { format: 1, version, limits, wish: 'go on', coordinator: null, members: {}, pauses: {} };
}

function seen({ id }: Coordinator, seenUs: number): Seen {
  return { id, host: hostname(), pid: process.pid, seenUs };
}

function taken({ run }: Coordinator, { host, pid }: Seen): QueueError {
  return new QueueError(
    `the run ${run} has a coordinator already: process ${pid} on ${host}. Two would write the same tables. ` +
      'End that process, or wait for it; then continue with --resume.',
  );
}
