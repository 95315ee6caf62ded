import type { Frame } from '../../trace/index.ts';
import { isLibrary } from '../evidence.ts';
import { framesBelowOwn } from '../own-work.ts';
import type { Cause } from './cause.ts';
import { calledOf, ownFrame, packageOf, placeOf, withVersion } from './frames.ts';
import { limitEvidence, limitsAt, limitText, plateauOf } from './plateau.ts';
import { ofScene, type Scene, unsentUs } from './scene.ts';
import { type Waiting, waitingBefore } from './waiting.ts';

const PERMITS = /semaphore|bounded/i;
/** Packages and classes that let work through in portions. */
const GATES = /queue|limit|semaphore|\bsema\b|mutex|throttl|bottleneck|\block\b|lock$|permit/i;

/** A semaphore, or a queue that lets so many through at a time: the program's own limit. */
export function permit(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'permit', 'queue');
  return waits === undefined ? gateInStack(scene) : waitedFor(scene, waits);
}

function waitedFor(scene: Scene, waits: Waiting): Cause {
  const plateau = plateauOf(scene);
  const limits = plateau === undefined ? [] : limitsAt(scene, PERMITS, plateau.level);
  const [limit] = limits;
  const what = waits.frame === undefined ? 'a semaphore' : calledOf(waits.frame);
  const where = waits.own === undefined ? '' : `, entered at ${placeOf(waits.own)}`;
  return {
    id: 'semaphore',
    confidence: limit === undefined ? 'likely' : 'certain',
    text: `${plateau === undefined ? 'Requests' : `At most ${plateau.level} at a time: the others`} waited for a permit in ${what}${where}${limit === undefined ? '' : `; ${limitText(limit)}`}.`,
    share: scene.lostUnsentShare * waits.explained,
    evidence: [...limits.map(limitEvidence), ...waits.evidence],
    remedy:
      'Raise the number of permits, if it is not there on purpose and the server can take more at once.',
    reference: 'sindresorhus/p-queue#178',
  };
}

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
      exchange.calledUs - times.asked > 1_000 &&
      exchange.stack !== undefined,
  );
  const gates = late.flatMap((seen) => {
    const frame = gateFrame(scene.framesOf(seen.exchange.stack));
    return frame === undefined ? [] : [{ seen, frame, us: seen.exchange.calledUs! - seen.times.asked }];
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
        GATES.test(packageOf(frame.file) ?? '') || (!isLibrary(frame.file) && GATES.test(frame.self ?? '')),
    );
}

function gateInStack(scene: Scene): Cause | undefined {
  const gate = gateOf(scene);
  if (gate === undefined || gate.explained < 0.3) return undefined;
  const plateau = plateauOf(scene);
  const { frame } = gate;
  const name = packageOf(frame.file);
  const own = scene.exchanges
    .map(({ exchange }) => ownFrame(scene.framesOf(exchange.stack)))
    .find((found) => found !== undefined);
  return {
    id: 'queue',
    confidence: 'likely',
    text: `${plateau === undefined ? 'Requests' : `At most ${plateau.level} at a time: the others`} waited in ${name === undefined ? `${calledOf(frame)} (${placeOf(frame)})` : withVersion(scene, name)} until it called them${own === undefined ? '' : `, at ${placeOf(own)}`}.`,
    share: scene.lostUnsentShare * Math.min(1, gate.explained),
    evidence: [
      `${gate.exchanges} exchanges were handed over long before they were called, by ${placeOf(frame)} ${calledOf(frame)}`,
      ...(plateau === undefined
        ? []
        : [`never more than ${plateau.level} at once while up to ${plateau.waiting} waited`]),
    ],
    remedy: `Raise its concurrency, if it is not there on purpose and the server can take more at once.`,
    reference: 'sindresorhus/p-queue#178',
  };
}
