import { type CauseFound, msOf } from '../found.ts';
import { calledOf, ownFrame, placeOf, placesOf, toPlace } from '../languages/frames.ts';
import { isKnownFor, packageOf } from '../languages/index.ts';
import {
  burstsEveryUs,
  gateOf,
  heldBack,
  limitOf,
  meanwhile,
  releasedBy,
  sleepTurns,
  waitingBefore,
} from '../model/index.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { fromOf, withVersion } from '../scene/modules.ts';
import { limitSeen, limitText, plateauOf } from '../scene/plateau.ts';
import { type Scene, unsentUs, waited } from '../scene/scene.ts';
import { unionUs } from '../spans.ts';

/** A rate limiter: so many in a time, on purpose. */
export const rateLimit = rule({
  id: 'rate-limit',
  step: 'dispatched',
  means: 'a rate limiter',
  toldFrom:
    'waits in its code; a sleep before each request, under a lock; or a queue whose calls come in bursts, by the clock',
  fix: { any: 'Nothing, if the server asks for this rate; otherwise raise it.' },
  sure: 'certain where its waits were seen, else likely',
  references: [],
  yieldsTo: [],
  find: (scene) => limiter(scene) ?? sleepsUnderLock(scene) ?? letThroughByClock(scene),
});

/** The waits are in the code of a limiter, and the clock ends them. */
function limiter(scene: Scene): CauseFound | undefined {
  const waits = waitingBefore(scene, 'rate');
  if (waits === undefined) return undefined;
  // A limiter of another name may count the requests under way: then their ends release the next.
  const isClocked = [waits.frame?.file, waits.frame?.self].some((name) => isKnownFor('clocked', name));
  if (!isClocked && releasedBy(scene) === 'ends' && plateauOf(scene) !== undefined) return undefined;
  const known = limitOf(scene, waits);
  const limits = known === undefined ? scene.limits.filter(({ kind }) => kind === 'rate') : [known];
  const [limit] = limits;
  return {
    confidence: 'certain',
    share: waits.share,
    text: `Requests waited for a rate limiter, a limit that somebody set${limit === undefined ? '' : `: ${limitText(limit, scene)}`}.`,
    because: waits.frame === undefined ? [] : [`They waited in ${calledOf(waits.frame)}.`],
    places: waits.places,
    ...fromOf(scene, waits.frame),
    evidence: [...limits.map(limitSeen), waits.seen],
  };
}

/** The holder of the lock sleeps, and the others wait for it. */
function sleepsUnderLock(scene: Scene): CauseFound | undefined {
  const waits = waitingBefore(scene, 'lock');
  const held = waits && meanwhile(scene, waits.each);
  const turns = sleepTurns(scene);
  if (held?.did !== 'sleep' && turns === undefined) return undefined;
  const frames = scene.framesOf((turns?.seen ?? held?.sleep)?.stack);
  const own = ownFrame(frames) ?? frames.find(({ function: name }) => name !== undefined);
  const part = waited(scene.exchanges, 'dispatched') / unsentUs(scene.exchanges);
  const sleeps = turns?.sleeps ?? [];
  const where = own === undefined ? '' : `, at ${placeOf(own)} (${calledOf(own)})`;
  const pace = scene.judgement.wallUs / scene.exchanges.length;
  return {
    confidence: own === undefined ? 'likely' : 'certain',
    share: waits?.share ?? scene.lostUnsentShare * part,
    text: `Before each request the program sleeps while it holds a lock${where}: one request every ${duration(pace)}, a rate that somebody set.`,
    because: ['The others wait for the lock.'],
    places: placesOf(own, waits?.frame),
    ...fromOf(scene, own),
    evidence: [
      ...(waits === undefined ? [] : [waits.seen]),
      ...(sleeps.length === 0
        ? []
        : [{ kind: 'waits', waits: sleeps.length, ms: msOf(unionUs(sleeps, scene)) } as const]),
    ],
  };
}

/** A queue of a package lets so many through in each interval. */
function letThroughByClock(scene: Scene): CauseFound | undefined {
  const gate = gateOf(scene);
  if (gate === undefined || releasedBy(scene) !== 'clock') return undefined;
  const everyUs = burstsEveryUs(heldBack(scene));
  if (everyUs === undefined) return undefined;
  const { frame } = gate;
  const name = packageOf(frame.file);
  const where = name === undefined ? calledOf(frame) : withVersion(scene, name);
  const own = ownFrame(scene.framesOf(scene.exchanges.at(-1)!.exchange.stack));
  return {
    confidence: 'likely',
    share: scene.lostUnsentShare * gate.explained,
    text: `Requests waited in ${where}, which lets some through every ${duration(everyUs)}: a rate that somebody set.`,
    places: placesOf(own, frame),
    ...fromOf(scene, frame),
    evidence: [{ kind: 'handed-over', exchanges: gate.exchanges, at: toPlace(frame) }],
  };
}
