import type { Cause } from './cause.ts';
import { calledOf, packageOf, placeOf, withVersion } from './frames.ts';
import { limitEvidence, limitText } from './plateau.ts';
import type { Scene } from './scene.ts';
import { waitingBefore } from './waiting.ts';

/** A rate limiter: so many in a time, on purpose. */
export function rateLimit(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'rate');
  if (waits === undefined) return undefined;
  const { frame, own } = waits;
  const name = frame === undefined ? undefined : packageOf(frame.file);
  const limits = scene.limits.filter(({ name: limit }) => /limiter|rate|throttl/i.test(limit));
  return {
    id: 'rate-limit',
    confidence: 'certain',
    text: `Requests waited for the rate limiter${frame === undefined ? '' : ` ${calledOf(frame)}`}${name === undefined ? '' : ` of ${withVersion(scene, name)}`}${own === undefined ? '' : `, entered at ${placeOf(own)}`}${limits[0] === undefined ? '' : `; ${limitText(limits[0])}`}. This is a limit that somebody set.`,
    share: scene.lostUnsentShare * waits.explained,
    evidence: [...limits.map(limitEvidence), ...waits.evidence],
    remedy: 'Nothing, if the server asks for this rate; otherwise raise it.',
    reference: null,
  };
}
