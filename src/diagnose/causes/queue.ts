import type { Frame } from '../../trace/index.ts';
import { calledOf, framesBelowOwn, ownFrame, placeOf, placesOf, toPlace } from '../languages/frames.ts';
import { isKnownFor, isLibrary, packageOf } from '../languages/index.ts';
import { rule } from '../rule.ts';
import { fromOf, withVersion } from '../scene/modules.ts';
import { plateauOf, plateauSeen } from '../scene/plateau.ts';
import { type Scene, unsentUs } from '../scene/scene.ts';
import { HANDOVER_US } from '../thresholds.ts';

/** A queue of the program's own has to explain more than what is seen to wait. */
const LEAST_EXPLAINED = 0.3;

/** A queue or a limiter that called late for what it had been given early: its frames are in the stack of the call. */
export const queue = rule({
  id: 'queue',
  step: 'dispatched',
  means: 'a queue of a library delays requests',
  toldFrom: 'its frames in the stack of the call',
  fix: { any: 'Raise its concurrency, if it is not there on purpose and the server can take more at once.' },
  sure: 'likely',
  references: [
    {
      language: 'node',
      url: 'https://github.com/sindresorhus/p-queue/issues/178',
      title: 'Doc request: Why is "concurrency" not working as expected?',
    },
  ],
  // Where a wait for a permit was seen, the permit is what is waited for.
  yieldsTo: ['semaphore'],
  find: (scene) => {
    const found = gateOf(scene);
    if (found === undefined || found.explained < LEAST_EXPLAINED) return undefined;
    const plateau = plateauOf(scene);
    const { frame } = found;
    const name = packageOf(frame.file);
    const own = scene.exchanges
      .map(({ exchange }) => ownFrame(scene.framesOf(exchange.stack)))
      .find((line) => line !== undefined);
    const who = plateau === undefined ? 'Requests' : `At most ${plateau.level} at a time: the others`;
    const where = name === undefined ? `${calledOf(frame)} (${placeOf(frame)})` : withVersion(scene, name);
    return {
      confidence: 'likely',
      share: scene.lostUnsentShare * Math.min(1, found.explained),
      text: `${who} waited in ${where} until it called them${own === undefined ? '' : `, at ${placeOf(own)}`}.`,
      places: placesOf(own, frame),
      ...fromOf(scene, frame),
      evidence: [
        { kind: 'handed-over', exchanges: found.exchanges, at: toPlace(frame) },
        ...(plateau === undefined ? [] : [plateauSeen(plateau)]),
      ],
    };
  },
});

interface Gate {
  readonly frame: Frame;
  readonly explained: number;
  readonly exchanges: number;
}

/** Where the waits themselves can't be seen, the stack of a late call still shows the queue that made it. */
function gateOf(scene: Scene): Gate | undefined {
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
  return { frame: gates[0]!.frame, explained: us / unsentUs(scene.exchanges), exchanges: gates.length };
}

function gateFrame(frames: readonly Frame[]): Frame | undefined {
  return frames
    .slice(framesBelowOwn(frames).length)
    .find(
      (frame) =>
        isKnownFor('limiter', packageOf(frame.file)) ||
        (!isLibrary(frame.file) && isKnownFor('limiter', frame.self)),
    );
}
