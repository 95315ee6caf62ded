import { rule } from '../rule.ts';
import { lateServer } from '../scene/late-server.ts';

/** A proxy that carries few at a time. */
export const proxyQueues = rule({
  id: 'proxy-queues',
  step: 'answered',
  means: 'a proxy takes one, or few, at a time',
  toldFrom: 'the same, and where the connections go',
  fix: { any: 'Try without the proxy, or raise the number of connections that it carries.' },
  sure: 'possible',
  references: [
    {
      url: 'https://github.com/apify/proxy-chain/issues/60',
      title: 'Proxies Hang When sending concurrent requests with upstream proxy & local proxy',
    },
  ],
  yieldsTo: ['throttled', 'retry-sleep', 'two-trips'],
  find: (scene) => {
    const late = lateServer(scene);
    return late?.proxy === undefined ? undefined : late.found;
  },
});
