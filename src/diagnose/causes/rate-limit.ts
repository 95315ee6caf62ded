import { calledOf, placeOf } from '../languages/frames.ts';
import { packageOf } from '../languages/index.ts';
import type { Cause } from '../scene/cause.ts';
import { withVersion } from '../scene/modules.ts';
import { limitEvidence, limitText } from '../scene/plateau.ts';
import type { Scene } from '../scene/scene.ts';
import { type Waiting, waitingBefore } from '../scene/waiting.ts';

/** A rate limiter: so many in a time, on purpose. */
export function rateLimit(scene: Scene): Cause | undefined {
  const waits = waitingBefore(scene, 'rate');
  if (waits === undefined) return undefined;
  const limits = scene.limits.filter(({ kind }) => kind === 'rate');
  const told = [...limits.slice(0, 1).map((limit) => limitText(limit, scene)), ...limiterText(scene, waits)];
  return {
    id: 'rate-limit',
    confidence: 'certain',
    text: `Requests waited for a rate limiter, a limit that somebody set${told.length === 0 ? '' : `: ${told.join('; ')}`}.`,
    share: scene.lostUnsentShare * waits.explained,
    evidence: [...limits.map(limitEvidence), ...waits.evidence],
    remedy: 'Nothing, if the server asks for this rate; otherwise raise it.',
    reference: null,
  };
}

/** 'aiolimiter.AsyncLimiter.acquire of aiolimiter 1.3.0, entered at report.py:13' */
function limiterText(scene: Scene, { frame, own }: Waiting): string[] {
  if (frame === undefined) return [];
  const name = packageOf(frame.file);
  const of = name === undefined ? '' : ` of ${withVersion(scene, name)}`;
  return [`${calledOf(frame)}${of}${own === undefined ? '' : `, entered at ${placeOf(own)}`}`];
}
