import type { Lifted, PhaseJson, Verdict } from '../../diagnose/browser.ts';
import type { Asked } from './what-if.ts';

/** A limit that was found: a wait that delayed requests, and can be lifted in a replay. */
export interface Limit {
  readonly step: Lifted;
  /** What the wait is for. */
  readonly text: string;
  /** The causes of the verdict that delay this step. */
  readonly causes: readonly string[];
  /** How long all exchanges waited for it, in microseconds. */
  readonly waitedUs: number;
}

/** Whether a phase could be shorter if its caller waited for no answer. */
function isSlowCaller({ step, savesMs, background }: PhaseJson): boolean {
  return step === 'wanted' && savesMs > 0 && !background;
}

/** A wait that is shorter than this part of the time of all exchanges is no limit worth a switch. */
const LEAST_WAITED = 0.02;

const WORDS: Readonly<Record<Lifted, string>> = {
  wanted: 'the caller waits for earlier answers',
  dispatched: 'a slot, a permit, a worker or a lock',
  connected: 'the name, the connection, the handshake',
  sent: 'a blocked thread or loop',
  answered: 'the server takes few at a time',
};

/** The limits that were found in a run, in the order of the steps. */
export function limitsOf({ times, members, wallUs }: Asked, verdict: Verdict): readonly Limit[] {
  const { wanted, dispatched, connected, sent, answered, end } = times;
  const sums: Record<Lifted, number> = { wanted: 0, dispatched: 0, connected: 0, sent: 0, answered: 0 };
  let allUs = 0;
  let first = Infinity;
  for (const at of members) first = Math.min(first, wanted[at]!);
  for (const at of members) {
    sums.wanted += wanted[at]! - first;
    sums.dispatched += dispatched[at]! - wanted[at]!;
    sums.connected += connected[at]! - dispatched[at]!;
    sums.sent += sent[at]! - connected[at]!;
    sums.answered += answered[at]! - sent[at]!;
    allUs += end[at]! - wanted[at]!;
  }
  const lifted = verdict.replay?.lifted ?? [];
  const isFound = (step: Lifted): boolean => {
    if (step === 'wanted')
      return lifted.includes('wanted') || verdict.step === 'wanted' || verdict.phases.some(isSlowCaller);
    if (step === 'answered') return lifted.includes('answered') || verdict.step === 'answered';
    return sums[step] >= LEAST_WAITED * Math.max(allUs, wallUs);
  };
  return (['wanted', 'dispatched', 'connected', 'sent', 'answered'] as const).filter(isFound).map((step) => ({
    step,
    text: WORDS[step],
    causes: verdict.causes.filter((cause) => cause.step === step).map(({ id }) => id),
    waitedUs: sums[step],
  }));
}
