import type { Frame } from '../../trace/index.ts';
import { framesBelowOwn } from '../languages/frames.ts';
import { isKnownFor, isLibrary, packageOf } from '../languages/index.ts';
import { ofScene, unsentUs } from '../scene/scene.ts';
import { HANDOVER_US } from '../thresholds.ts';

/** A queue of the program's own has to explain more than what is seen to wait. */
const LEAST_EXPLAINED = 0.3;

/** A queue or a limiter that called late for what it had been given early. */
export interface Gate {
  readonly frame: Frame;
  readonly explained: number;
  readonly exchanges: number;
}

/**
 * Where the waits themselves can't be seen, the stack of a late call still shows the queue that made it. Undefined where
 * that explains little.
 */
export const gateOf = ofScene((scene): Gate | undefined => {
  const late = scene.exchanges.filter(
    ({ exchange, times }) =>
      typeof exchange.calledUs === 'number' &&
      exchange.calledUs - times.wanted > HANDOVER_US &&
      exchange.stack !== undefined,
  );
  const gates = late.flatMap((seen) => {
    const frame = gateFrame(scene.framesOf(seen.exchange.stack));
    return frame === undefined ? [] : [{ seen, frame, us: seen.exchange.calledUs! - seen.times.wanted }];
  });
  if (gates.length < 2) return undefined;
  const us = gates.reduce((sum, gate) => sum + gate.us, 0);
  const explained = us / unsentUs(scene.exchanges);
  return explained < LEAST_EXPLAINED
    ? undefined
    : { frame: gates[0]!.frame, explained: Math.min(1, explained), exchanges: gates.length };
});

function gateFrame(frames: readonly Frame[]): Frame | undefined {
  return frames
    .slice(framesBelowOwn(frames).length)
    .find(
      (frame) =>
        isKnownFor('limiter', packageOf(frame.file)) ||
        (!isLibrary(frame.file) && isKnownFor('limiter', frame.self)),
    );
}
