import { duration } from '../numbers.ts';
import { rule } from '../rule.ts';
import { hostOf, lookUpSeen, lookUps, lookUpWallShare } from '../scene/look-ups.ts';
import { LEAST_BLAMED, NEARLY_ALL } from '../thresholds.ts';

const MOST_SHOWN = 3;

/** A resolver that asks for a name with each ending of its search list before it asks for the name itself. */
export const searchList = rule({
  id: 'search-list',
  step: 'connected',
  means: 'each name is first looked up with every domain of the search list',
  toldFrom:
    'questions for the name with such a domain behind it, which found nothing, before the one for the name itself',
  fix: {
    any: 'Set `options ndots:1` in /etc/resolv.conf (in Kubernetes: `dnsConfig: {options: [{name: ndots, value: "1"}]}`), or end the host name with a dot (`api.example.com.`).',
  },
  sure: 'certain',
  references: [
    {
      url: 'https://github.com/kubernetes/kubernetes/issues/33554',
      title: 'Kube DNS Latency (ndots:5)',
    },
  ],
  yieldsTo: ['dns-loss', 'dns-blocks-loop', 'dns-threads'],
  find: (scene) => {
    const all = lookUps(scene);
    const searched = all.filter(({ connection }) => (connection.dnsNames ?? 1) > 1);
    const share = lookUpWallShare(scene);
    if (searched.length === 0 || searched.length < NEARLY_ALL * all.length || share < LEAST_BLAMED)
      return undefined;
    const [first] = searched as [(typeof searched)[number]];
    const most = searched.reduce((sofar, { connection }) => Math.max(sofar, connection.dnsNames!), 0);
    const longestUs = searched.reduce((sofar, { fromUs, toUs }) => Math.max(sofar, toUs - fromUs), 0);
    return {
      confidence: 'certain',
      share,
      text: `Each look-up of a name (DNS) asks for ${most} names in turn, ${duration(longestUs)} at most: ${hostOf(first.connection.origin)} with each domain of the search list, then the name itself.`,
      because: ['It has fewer dots than `ndots` says (resolv.conf(5)).'],
      places: [],
      evidence: searched.slice(0, MOST_SHOWN).map(lookUpSeen),
    };
  },
});
