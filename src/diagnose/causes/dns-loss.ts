import type { Cause } from '../scene/cause.ts';
import { hostOf, lookUpShare, lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import type { Scene } from '../scene/scene.ts';
import { seconds } from '../scene/waiting.ts';

/** How long glibc's resolver waits for an answer before it asks again (resolv.conf(5), `timeout`). */
const TIMEOUT_US = 5e6;

/** A resolver whose answers get lost: look-ups that last just over 5 s, or a multiple of it. */
export function dnsLoss(scene: Scene): Cause | undefined {
  const stalled = lookUps(scene).filter(({ fromUs, toUs }) => {
    const us = toUs - fromUs;
    return us >= 0.98 * TIMEOUT_US && us % TIMEOUT_US <= 0.1 * us + 300_000;
  });
  if (stalled.length === 0 || lookUpShare(scene) < 0.2) return undefined;
  const longest = stalled.reduce((most, { fromUs, toUs }) => Math.max(most, toUs - fromUs), 0);
  return {
    id: 'dns-loss',
    confidence: 'likely',
    text: `${stalled.length} of ${lookUps(scene).length} look-ups of names (DNS) took ${seconds(longest)}: a question or its answer was lost, and the resolver asked again after its time-out of 5 s.`,
    share: lookUpWallShare(scene),
    evidence: stalled
      .slice(0, 5)
      .map(
        ({ connection, fromUs, toUs }) =>
          `connection ${connection.id}: ${hostOf(connection.origin)} looked up in ${seconds(toUs - fromUs)}`,
      ),
    remedy:
      'Mend the way to the resolver: `options single-request-reopen` in /etc/resolv.conf, a resolver on this machine, or fewer search domains.',
    reference: 'kubernetes/kubernetes#56903',
  };
}
