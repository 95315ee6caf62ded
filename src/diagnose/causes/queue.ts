import { calledOf, ownFrame, placeOf, placesOf, toPlace } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import { gateOf } from '../model/index.ts';
import { rule } from '../rule.ts';
import { fromOf, withVersion } from '../scene/modules.ts';
import { plateauOf, plateauSeen } from '../scene/plateau.ts';

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
  // Where a wait for a permit was seen, the permit is what is waited for; and what the clock lets through is a rate.
  yieldsTo: ['semaphore', 'rate-limit'],
  find: (scene) => {
    const found = gateOf(scene);
    if (found === undefined) return undefined;
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
      share: scene.lostUnsentShare * found.explained,
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
