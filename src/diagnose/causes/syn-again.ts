import { msOf } from '../found.ts';
import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { hostOf } from '../scene/look-ups.ts';
import { retransmitted, shareOf } from '../scene/slow-connects.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

const MOST_SHOWN = 5;

/** First packets of connections that get lost, or that a server with a full queue throws away. */
export const synAgain = rule({
  id: 'syn-again',
  step: 'connected',
  means: 'the first packet of connections is lost, and sent again after a second or more',
  toldFrom: 'connections that took 1, 2, 3 s and so on to open, and little more',
  fix: {
    any: "Compare Recv-Q with Send-Q in the server's `ss -lnt`: if its queue of new connections is full, give it a larger backlog and raise `net.core.somaxconn`. Else find where packets are lost. Keep connections alive, so that fewer are opened.",
  },
  sure: 'likely',
  references: [
    {
      url: 'https://blog.cloudflare.com/syn-packet-handling-in-the-wild/',
      title: 'SYN packet handling in the wild',
    },
  ],
  yieldsTo: ['dead-address'],
  find: (scene) => {
    const again = retransmitted(scene);
    const share = shareOf(scene, again);
    if (again.length === 0 || share < LEAST_BLAMED) return undefined;
    const longest = again.reduce((most, { fromUs, toUs }) => Math.max(most, toUs - fromUs), 0);
    const [{ connection }] = again as [(typeof again)[number]];
    return {
      confidence: 'likely',
      share,
      text: `${again.length} connections to ${hostOf(connection.origin)} took ${duration(longest)} at most to open, each a whole number of seconds: their first packet (SYN) was lost and sent again.`,
      because: ["The server's queue of new connections was full, or the way to it loses packets."],
      places: [],
      evidence: again.slice(0, MOST_SHOWN).map(({ connection: { id, remote }, fromUs, toUs }) => ({
        kind: 'connect',
        connection: id,
        remote: remote ?? '',
        ms: msOf(toUs - fromUs),
        failed: false,
      })),
    };
  },
});
