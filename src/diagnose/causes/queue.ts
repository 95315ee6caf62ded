import type { Frame } from '../../trace/index.ts';
import { calledOf, framesBelowOwn, ownFrame, placeOf } from '../languages/frames.ts';
import { isKnownFor, isLibrary, packageOf } from '../languages/index.ts';
import type { Cause } from '../scene/cause.ts';
import { withVersion } from '../scene/modules.ts';
import { plateauOf } from '../scene/plateau.ts';
import { ofScene, type Scene, unsentUs } from '../scene/scene.ts';
import { waitingBefore } from '../scene/waiting.ts';

interface Gate {
  readonly frame: Frame;
  readonly explained: number;
  readonly exchanges: number;
}

/** Where the waits themselves can't be seen, a late call still shows who made it: the gate that let it through. */
const gateOf = ofScene((scene): Gate | undefined => {
  const late = scene.exchanges.filter(
    ({ exchange, times }) =>
      typeof exchange.calledUs === 'number' &&
      exchange.calledUs - times.wanted > 1_000 &&
      exchange.stack !== undefined,
  );
  const gates = late.flatMap((seen) => {
    const frame = gateFrame(scene.framesOf(seen.exchange.stack));
    return frame === undefined ? [] : [{ seen, frame, us: seen.exchange.calledUs! - seen.times.wanted }];
  });
  if (gates.length < 2) return undefined;
  const us = gates.reduce((sum, gate) => sum + gate.us, 0);
  return { frame: gates[0]!.frame, explained: us / unsentUs(scene.exchanges), exchanges: gates.length };
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

/** A queue or a limiter that called late for what it had been given early: its frames are in the stack of the call. */
export function gate(scene: Scene): Cause | undefined {
  const found = gateOf(scene);
  if (found === undefined || found.explained < 0.3) return undefined;
  if (waitingBefore(scene, 'semaphore', 'queue') !== undefined) return undefined;
  const plateau = plateauOf(scene);
  const { frame } = found;
  const name = packageOf(frame.file);
  const own = scene.exchanges
    .map(({ exchange }) => ownFrame(scene.framesOf(exchange.stack)))
    .find((line) => line !== undefined);
  return {
    id: 'queue',
    confidence: 'likely',
    text: `${plateau === undefined ? 'Requests' : `At most ${plateau.level} at a time: the others`} waited in ${name === undefined ? `${calledOf(frame)} (${placeOf(frame)})` : withVersion(scene, name)} until it called them${own === undefined ? '' : `, at ${placeOf(own)}`}.`,
    share: scene.lostUnsentShare * Math.min(1, found.explained),
    evidence: [
      `${found.exchanges} exchanges were handed over long before they were called, by ${placeOf(frame)} ${calledOf(frame)}`,
      ...(plateau === undefined
        ? []
        : [`never more than ${plateau.level} at once while up to ${plateau.waiting} waited`]),
    ],
    remedy: `Raise its concurrency, if it is not there on purpose and the server can take more at once.`,
    reference: 'sindresorhus/p-queue#178',
  };
}
