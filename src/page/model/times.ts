import { timesOf } from '../../diagnose/browser.ts';
import type { Exchange } from '../../trace/browser.ts';

/**
 * When each exchange passed its steps, in microseconds, by its place in the trace. A step that it did not reach has the
 * time of its end; the end of one that is open is that of the run.
 */
export interface TimeColumns {
  readonly wanted: Float64Array;
  readonly dispatched: Float64Array;
  readonly connected: Float64Array;
  readonly sent: Float64Array;
  readonly answered: Float64Array;
  readonly end: Float64Array;
  /** 1: nobody saw its end. */
  readonly isOpen: Uint8Array;
  /** 0: none of its times is known, so it is not drawn. */
  readonly isTimed: Uint8Array;
  /** When the first was wanted, and when the last ended. */
  readonly fromUs: number;
  readonly toUs: number;
}

/** The times of exchanges. `endedUs` is when the run ended. */
export function timeColumns(exchanges: readonly Exchange[], endedUs: number): TimeColumns {
  const column = (): Float64Array => new Float64Array(exchanges.length);
  const times = {
    wanted: column(),
    dispatched: column(),
    connected: column(),
    sent: column(),
    answered: column(),
    end: column(),
  };
  const isOpen = new Uint8Array(exchanges.length);
  const isTimed = new Uint8Array(exchanges.length);
  let fromUs = Infinity;
  let toUs = -Infinity;
  for (let at = 0; at < exchanges.length; at++) {
    const passed = timesOf(exchanges[at]!);
    if (passed === undefined) continue;
    const { wanted, dispatched, connected, sent, answered } = passed;
    const end = passed.end === Infinity ? Math.max(endedUs, wanted) : passed.end;
    isTimed[at] = 1;
    isOpen[at] = passed.end === Infinity ? 1 : 0;
    times.wanted[at] = wanted;
    times.dispatched[at] = Math.min(dispatched, end);
    times.connected[at] = Math.min(connected, end);
    times.sent[at] = Math.min(sent, end);
    times.answered[at] = Math.min(answered, end);
    times.end[at] = end;
    fromUs = Math.min(fromUs, wanted);
    toUs = Math.max(toUs, end);
  }
  return fromUs > toUs
    ? { ...times, isOpen, isTimed, fromUs: 0, toUs: 0 }
    : { ...times, isOpen, isTimed, fromUs, toUs };
}
