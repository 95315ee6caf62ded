import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { lookUpSeen, lookUpShare, lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

/** How long glibc's resolver waits for an answer before it asks again (resolv.conf(5), `timeout`). */
const TIMEOUT_US = 5e6;
/** Clocks, and a recorder's own time, may make it look this much shorter. */
const EARLIEST = 0.98;
/** After the time-out the second question takes its own time. */
const LATEST = 0.1;
const LATEST_US = 300_000;
const MOST_SHOWN = 5;

/** A resolver whose answers get lost: look-ups that last just over 5 s, or a multiple of it. */
export const dnsLoss = rule({
  id: 'dns-loss',
  step: 'connected',
  means: "the resolver's packets get lost",
  toldFrom: 'look-ups that last 5 s, or a multiple of it (resolv.conf(5))',
  fix: {
    any: 'Repair the way to the resolver: `options single-request-reopen` in /etc/resolv.conf, a resolver on this machine, or fewer search domains.',
  },
  sure: 'likely',
  references: [
    {
      url: 'https://github.com/kubernetes/kubernetes/issues/56903',
      title: 'DNS intermittent delays of 5s',
    },
  ],
  yieldsTo: [],
  find: (scene) => {
    const all = lookUps(scene);
    const stalled = all.filter(({ fromUs, toUs }) => {
      const us = toUs - fromUs;
      return us >= EARLIEST * TIMEOUT_US && us % TIMEOUT_US <= LATEST * us + LATEST_US;
    });
    if (stalled.length === 0 || lookUpShare(scene) < LEAST_BLAMED) return undefined;
    const longest = stalled.reduce((most, { fromUs, toUs }) => Math.max(most, toUs - fromUs), 0);
    return {
      confidence: 'likely',
      share: lookUpWallShare(scene),
      text: `${stalled.length} of ${all.length} look-ups of names (DNS) took ${duration(longest)}: a question or its answer was lost.`,
      because: ['The resolver asks again after its time-out of 5 s.'],
      places: [],
      evidence: stalled.slice(0, MOST_SHOWN).map(lookUpSeen),
    };
  },
});
